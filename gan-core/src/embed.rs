//! Model files where they must start at a multiple of 16.

/// Bytes at a multiple of 16; what [`include_model!`](crate::include_model) makes.
#[repr(C, align(16))]
pub struct Aligned<T: ?Sized>(pub T);

/// Embeds a model file at a multiple of 16: `static MODEL: &[u8] = include_model!("mnist.gan");`
///
/// The path is one for [`include_bytes!`].
#[macro_export]
macro_rules! include_model {
    ($path:expr) => {{
        static ALIGNED: &$crate::Aligned<[u8]> = &$crate::Aligned(*include_bytes!($path));
        &ALIGNED.0
    }};
}
