//! Arguments that say where pictures lie.

use std::path::PathBuf;

use clap::Args;

use crate::train::Reload;

/// Of a new run; and of one that there is, where it may only say that they have moved.
#[derive(Debug, Default, Args)]
pub(super) struct Source {
    /// Train on this folder instead of the embedded MNIST: IDX files (plain or gz), or a folder of pictures a class
    /// (PNG, JPEG, GIF, WebP, BMP), of any size. With --resume: the run's pictures have moved to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// A second folder, for a family of two domains: it learns to make pictures of each folder from those of the other. With
    /// --resume: these pictures have moved to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) data_b: Option<PathBuf>,
}

/// Of a run that there is.
#[derive(Debug, Args)]
pub(super) struct Moved {
    /// The pictures that it was trained on have moved to this folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Those of its second domain have moved to this folder
    #[arg(long, value_name = "DIR")]
    data_b: Option<PathBuf>,
    /// Use its pictures although they are no longer those that it was trained on
    #[arg(long)]
    accept_changed_data: bool,
}

impl Moved {
    pub(super) fn reload(&self) -> Reload {
        Reload {
            folder: self.data.clone(),
            folder_b: self.data_b.clone(),
            accept_changes: self.accept_changed_data,
        }
    }
}
