//! Gradients by their definition, for tests of losses.

use super::Loss;
use burn::tensor::{Device, Tensor, TensorData};

/// Holds the gradients of the three functions of `loss` to central differences, at outputs on both sides of 0.
pub(super) fn gradients_are_those_of_finite_differences(loss: &dyn Loss) {
    let outputs = [0.7f32, -1.3, 0.2, 2.5];
    let functions: [(&str, &dyn Fn(Tensor<2>) -> Tensor<1>); 3] = [
        ("real", &|outputs| loss.real(outputs)),
        ("generated", &|outputs| loss.generated(outputs)),
        ("generator", &|outputs| loss.generator(outputs)),
    ];
    for (name, function) in functions {
        gradient_is_that_of_finite_differences(name, &outputs, &|values| {
            let count = values.dims()[0];
            function(values.reshape([count, 1]))
        });
    }
}

/// Holds the gradient of `function` at `values` to central differences of it.
pub(super) fn gradient_is_that_of_finite_differences(
    name: &str,
    values: &[f32],
    function: &dyn Fn(Tensor<1>) -> Tensor<1>,
) {
    let device = Device::flex().autodiff();
    let tensor = |values: &[f32]| -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
    };
    let at = tensor(values).require_grad();
    let gradient = at.grad(&function(at.clone()).backward()).expect("the loss reads its argument");
    let gradient: Vec<f32> = gradient.into_data().try_to_vec().unwrap();
    let h = 1e-2;
    for (place, found) in gradient.into_iter().enumerate() {
        let moved = |by: f32| {
            let mut moved = values.to_vec();
            moved[place] += by;
            function(tensor(&moved)).into_scalar::<f32>()
        };
        let expected = (moved(h) - moved(-h)) / (2.0 * h);
        let near = 2e-3 * (1.0 + expected.abs());
        assert!((found - expected).abs() < near, "{name}, value {place}: {found}, by differences {expected}");
    }
}
