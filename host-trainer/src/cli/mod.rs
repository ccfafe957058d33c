//! The command line, a file a subcommand.

mod budget;
mod choose;
mod compare;
mod completions;
mod evaluate;
mod inspect;
mod lower;
mod report;
mod sample;
mod source;
mod time_steps;
mod train;
mod train_classifier;

use std::io::ErrorKind;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};

use crate::interrupt;
use crate::terminal::print;

/// Trains a generative adversarial network on digits and lowers its generator to one int8 file.
///
/// Without a subcommand it trains.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: train::TrainArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train (the default)
    Train(Box<train::TrainArgs>),
    /// Draw pictures with a model file
    Sample(sample::SampleArgs),
    /// Judge a model: fidelity, variety, memorization, int8 beside float and real pictures
    Evaluate(evaluate::EvaluateArgs),
    /// Families side by side: figures, pictures, sizes, instructions, as a table and a page
    Compare(compare::CompareArgs),
    /// Write a run as one HTML file: curves, pictures, figures, the model
    Report(report::ReportArgs),
    /// Take a model file apart: layers, shapes, scales, bytes, MACs, the arena over time, boards, instructions
    Inspect(inspect::InspectArgs),
    /// Lower a model anew from the floats that lie beside it, as after an update of this program
    Lower(lower::LowerArgs),
    /// Tell before training which boards a configuration fits, and what is too large if not
    Budget(Box<budget::BudgetArgs>),
    /// Write a script that completes this program's arguments in a shell
    Completions(completions::CompletionsArgs),
    /// Measure the time a training step takes on each backend of this build
    TimeSteps(time_steps::TimeStepsArgs),
    /// Train the classifier that judges generated digits, whose weights are part of this program
    TrainClassifier(train_classifier::TrainClassifierArgs),
}

const EXAMPLES: &str = "\
Examples:
  host-trainer                                    train the default network on MNIST
  host-trainer --name wide --width 24 --epochs 12 a wider network, for longer
  host-trainer --data fashion/ --name fashion     other pictures: a folder of IDX files (Fashion-MNIST, KMNIST, EMNIST)
  host-trainer --data shapes/ --name shapes       … or of a folder of PNG or JPEG pictures a class
  host-trainer --config mine.toml --set r1.gamma=1 --set latent=16
  host-trainer --width 24 --print-config          the whole configuration that this would train, as TOML
  host-trainer --gan vae                          the baseline: a variational autoencoder, the generator as its decoder
  host-trainer --gan cyclegan --domains 6,9       sixes from nines and nines from sixes, without a pair; or of two folders:
  host-trainer --gan cyclegan --data a/ --data-b b/
  host-trainer --resume runs/wide                 go on after Ctrl-C, a crash or a power cut
  host-trainer --resume runs/shapes --data moved/ … where the run's pictures lie elsewhere now
  host-trainer --resume runs/wide --qat 1000      fine-tune for int8, after the last step too";

/// Runs the command that the program's arguments name.
///
/// # Errors
/// What went wrong, for the user to read.
pub fn main() -> anyhow::Result<()> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return answered(&answer),
    };
    interrupt::listen().context("cannot listen for signals")?;
    match cli.command {
        None => cli.train.run(),
        Some(Command::Train(args)) => args.run(),
        Some(Command::Sample(args)) => args.run(),
        Some(Command::Evaluate(args)) => args.run(),
        Some(Command::Compare(args)) => args.run(),
        Some(Command::Report(args)) => args.run(),
        Some(Command::Inspect(args)) => args.run(),
        Some(Command::Lower(args)) => args.run(),
        Some(Command::Budget(args)) => args.run(),
        Some(Command::Completions(args)) => args.run(&mut Cli::command()),
        Some(Command::TimeSteps(args)) => args.run(),
        Some(Command::TrainClassifier(args)) => args.run(),
    }
}

/// Prints what clap says instead of running a command: its help and version, or what is wrong with the arguments.
fn answered(answer: &clap::Error) -> anyhow::Result<()> {
    match answer.print() {
        Err(error) if !answer.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output")
        }
        _ => std::process::exit(answer.exit_code()),
    }
}
