//! Prints how often a case's work allocates and reallocates, and how many bytes it asks for in all.
//!
//! This is not in the program that counts instructions, because counting allocations takes some.

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let Some(run) = sdn_benches::named_run(std::env::args().skip(1)) else {
        return ExitCode::from(2);
    };
    run(&mut |work| work());
    run(&mut |work| {
        let region = Region::new(ALLOCATOR);
        work();
        let counted = region.change();
        let bytes = counted.bytes_allocated;
        println!("{} {} {bytes}", counted.allocations, counted.reallocations);
    });
    ExitCode::SUCCESS
}
