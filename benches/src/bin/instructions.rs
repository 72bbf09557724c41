//! Does one case's work where callgrind counts it: twice, since the first time pays for what is set up once.

use std::process::ExitCode;

/// Callgrind is told to count in here. A name that nothing else has.
#[inline(never)]
fn sdn_counted_work(work: &mut dyn FnMut()) {
    work();
    // Not a tail call: it has to come back here for callgrind to see the end.
    std::hint::black_box(());
}

fn main() -> ExitCode {
    let Some(run) = sdn_benches::named_run(std::env::args().skip(1)) else {
        return ExitCode::from(2);
    };
    run(&mut |work| work());
    run(&mut |work| sdn_counted_work(work));
    ExitCode::SUCCESS
}
