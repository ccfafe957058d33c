//! The target: log through semihosting, and faults that end the run.

// The critical section of cortex-m, without which the logger does not link.
use cortex_m as _;
use defmt_semihosting as _;

/// A fault fails the test at once instead of spinning until its time is up.
#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    panic!("HardFault at pc {:#010x}, lr {:#010x}", frame.pc(), frame.lr());
}
