//! The command line.

#![deny(clippy::print_stderr, clippy::print_stdout)]

fn main() -> std::process::ExitCode {
    keep_freed_memory();
    match host_trainer::cli::main() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        // The whole chain of causes on one line, and no backtrace: a wrong argument is no bug.
        Err(error) => {
            host_trainer::terminal::insist(format_args!("error: {error:#}"));
            std::process::ExitCode::FAILURE
        }
    }
}

/// Training allocates and frees megabytes thousands of times a second. glibc gives such blocks back to
/// the kernel each time, and the page faults then cost a sixth of every step.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_freed_memory() {
    for option in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        // SAFETY: mallopt takes two numbers and only sets an option of the allocator; it runs before
        // any other thread does.
        unsafe { libc::mallopt(option, i32::MAX) };
    }
}

/// Other systems' allocators keep freed memory for a while by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}
