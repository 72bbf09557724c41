//! Does a case's work twice. Callgrind counts the second time, because the first one pays for setting up.

use std::process::ExitCode;

/// Callgrind counts in this function, so nothing else may have its name.
#[inline(never)]
fn sdn_counted_work(work: &mut dyn FnMut()) {
    work();
    // Prevents a tail call, because callgrind has to see the end of this function.
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
