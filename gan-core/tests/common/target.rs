//! The target: a log through semihosting, panics and faults that say what happened and end the run.

use core::panic::PanicInfo;

// The critical section of cortex-m, without which the logger does not link.
use cortex_m as _;
use defmt_semihosting as _;

/// Logs the message too, which embedded-test's own handler leaves out. An abort is what runners take for a panic.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    semihosting::process::abort()
}

/// A fault fails the test at once instead of spinning until its time is up.
#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    panic!("HardFault at pc {:#010x}, lr {:#010x}", frame.pc(), frame.lr());
}
