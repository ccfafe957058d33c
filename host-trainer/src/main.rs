//! The command line.

fn main() -> std::process::ExitCode {
    match host_trainer::cli::main() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        // The whole chain of causes on one line, and no backtrace: a wrong argument is no bug.
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
