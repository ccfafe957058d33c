//! Numbers to and from tensors.

use burn::tensor::{Device, Tensor, TensorData};

/// A tensor's numbers.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("the networks compute in f32")
}

/// `[labels, 1, 1, choices]`: 1 at each label, else 0.
pub fn one_hot(labels: &[u8], choices: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![0f32; labels.len() * choices];
    for (row, &label) in values.chunks_exact_mut(choices).zip(labels) {
        row[usize::from(label)] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [labels.len(), 1, 1, choices]), device)
}
