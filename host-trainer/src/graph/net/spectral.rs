//! Singular values of a net's weights, and what is asked of them in training.
//!
//! Spectral norm: each weight W is divided by its largest singular value σ(W) (Miyato et al. 2018, "Spectral normalization for
//! generative adversarial networks", equation 8). A convolution's weight is the matrix of its output channels by all else.
//! The paper keeps a vector per weight and takes one step of the power iteration with it at a time; here σ comes from the weight
//! alone, by thirty-two steps at once (five squarings of W Wᵀ), so that there is nothing to keep and nothing to resume.

use super::Net;
use super::weights::Weights;
use burn::module::Param;
use burn::tensor::{Tensor, TensorData};

/// Squarings of W Wᵀ, each of which doubles the steps of the power iteration.
const SQUARINGS: usize = 5;
/// Keeps a weight of zeros from a division by 0.
const TINY: f32 = 1e-12;

/// σ(W), `[1]`, differentiable: uᵀ W v with the first singular vectors u and v held fixed.
fn largest(weight: &Tensor<2>) -> Tensor<1> {
    let [rows, columns] = weight.dims();
    // The smaller square.
    let weight = if rows > columns { weight.clone().transpose() } else { weight.clone() };
    let fixed = weight.clone().detach();
    let mut square = fixed.clone().matmul(fixed.clone().transpose());
    for _ in 0..SQUARINGS {
        let size = square.clone().abs().max().reshape([1, 1]) + TINY;
        square = square / size;
        square = square.clone().matmul(square);
    }
    // A start that is orthogonal to nothing that training finds.
    let count = square.dims()[0];
    let start: Vec<f32> = (0..count).map(|place| 1.0 + (place as f32).sin() / 2.0).collect();
    let start = Tensor::<2>::from_data(TensorData::new(start, [count, 1]), &fixed.device());
    let u = unit(square.matmul(start));
    let v = unit(fixed.transpose().matmul(u.clone()));
    u.transpose().matmul(weight).matmul(v).reshape([1])
}

fn unit(vector: Tensor<2>) -> Tensor<2> {
    let length = vector.clone().square().sum().sqrt().reshape([1, 1]) + TINY;
    vector / length
}

/// The weight as a matrix of outputs by inputs.
fn matrix<const D: usize>(weight: &Tensor<D>) -> Tensor<2> {
    let rows = weight.dims()[0];
    weight.clone().reshape([rows as i32, -1])
}

/// W / σ(W); one number alone stays as it is.
fn normalized<const D: usize>(param: &Param<Tensor<D>>) -> Param<Tensor<D>> {
    let weight = param.val();
    if weight.dims().iter().product::<usize>() == 1 {
        return param.clone();
    }
    let sigma = largest(&matrix(&weight)) + TINY;
    Param::initialized(param.id, weight / sigma.reshape([1; D]))
}

impl Weights {
    /// The same divided by its largest singular value; norms stay as they are.
    fn spectral(&self) -> Weights {
        let mut weights = self.clone();
        match &mut weights {
            Weights::Dense(layer) | Weights::Table(layer) => layer.weight = normalized(&layer.weight),
            Weights::Conv(layer) => layer.weight = normalized(&layer.weight),
            Weights::ConvTranspose(layer) => layer.weight = normalized(&layer.weight),
            Weights::BatchNorm(_) | Weights::InstanceNorm(_) => {}
        }
        weights
    }

    /// The weight of a layer that multiplies, as a matrix of outputs by inputs.
    fn product(&self) -> Option<Tensor<2>> {
        match self {
            Weights::Dense(layer) => Some(layer.weight.val().transpose()),
            Weights::Conv(layer) => Some(matrix(&layer.weight.val())),
            Weights::ConvTranspose(layer) => Some(matrix(&layer.weight.val().swap_dims(0, 1))),
            Weights::Table(_) | Weights::BatchNorm(_) | Weights::InstanceNorm(_) => None,
        }
    }
}

impl Net {
    /// This net with each weight divided by its largest singular value, through which gradients go back to its own.
    pub(super) fn normalized(&self) -> Net {
        let weights = self.weights.iter().map(|weights| weights.as_ref().map(Weights::spectral)).collect();
        Net { weights, graph: self.graph.clone(), quantization: self.quantization.clone(), spectral: false }
    }

    /// The names of the layers that multiply, with the largest singular value of each one's weight before it is normalized.
    pub fn singular_values(&self) -> Vec<(&str, f32)> {
        let nodes = self.graph.nodes.iter().zip(&self.weights);
        let of = |weights: &Option<Weights>| weights.as_ref().and_then(Weights::product);
        nodes
            .filter_map(|(node, weights)| Some((node.name.as_str(), of(weights)?)))
            .map(|(name, weight)| (name, largest(&weight.detach()).into_scalar::<f32>()))
            .collect()
    }

    /// Σ ‖W Wᵀ ⊙ (1 − I)‖² over the layers that multiply: how far the weights of each one's outputs are from being orthogonal
    /// (Brock et al. 2019, "Large scale GAN training for high fidelity natural image synthesis", equation 3).
    pub fn orthogonality(&self) -> Option<Tensor<1>> {
        let weights = self.weights.iter().flatten().filter_map(Weights::product);
        let of = |weight: Tensor<2>| {
            let square = weight.clone().matmul(weight.transpose());
            let others = Tensor::ones_like(&square) - Tensor::eye(square.dims()[0], &square.device());
            (square * others).square().sum()
        };
        weights.map(of).reduce(|sum, one| sum + one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, Shape, Window};
    use crate::random::{Stream, normals, stream};
    use burn::tensor::Device;

    fn tensor<const R: usize, const C: usize>(rows: [[f32; C]; R]) -> Tensor<2> {
        Tensor::from_data(rows, &Device::flex())
    }

    #[test]
    fn the_largest_singular_value_is_that_of_matrices_worked_out_by_hand() {
        let of = |weight: Tensor<2>| largest(&weight).into_scalar::<f32>();
        let near = |found: f32, expected: f32| {
            assert!((found - expected).abs() < 1e-4 * expected, "{found}, expected {expected}");
        };
        near(of(tensor([[3.0, 0.0, 0.0], [0.0, -4.0, 0.0]])), 4.0);
        // W Wᵀ = [[2, 1], [1, 2]], of eigenvalues 3 and 1.
        near(of(tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])), 3f32.sqrt());
        near(of(tensor([[1.0], [2.0], [2.0]])), 3.0);
    }

    /// A net with a dense layer and a convolution.
    fn small() -> Net {
        let mut g = GraphBuilder::new("small");
        let z = g.normal("z", Shape::vector(6));
        let x = g.dense("project", z, Shape::new(3, 3, 4), true);
        let x = g.conv("picture", x, 2, Window::new(3, 1, 1), true);
        let graph = g.finish(x).with_spectral_norm();
        Net::new(&graph, &mut stream(7, Stream::Weights), &Device::flex().autodiff())
    }

    #[test]
    fn normalized_weights_have_a_largest_singular_value_of_1_and_the_own_ones_stay() {
        let net = small();
        let before = net.singular_values();
        assert!(before.iter().all(|(_, sigma)| (0.02..0.5).contains(sigma)), "{before:?}");
        for (name, sigma) in net.normalized().singular_values() {
            assert!((sigma - 1.0).abs() < 1e-3, "{name}: {sigma}");
        }
        assert_eq!(net.singular_values(), before);
        // What is trained, what is exported and what is shown are one network.
        let mut rng = stream(8, Stream::Noise);
        let z = Tensor::from_data(
            TensorData::new(normals(&mut rng, 6, 0.0, 1.0), [1, 1, 1, 6]),
            &Device::flex().autodiff(),
        );
        let whole = net.forward(std::slice::from_ref(&z));
        let nodes = net.forward_nodes(std::slice::from_ref(&z));
        let difference = (whole.clone() - nodes[2].clone()).abs().max().into_scalar::<f32>();
        assert!(difference < 1e-6, "{difference}");
        let values: Vec<f32> = z.into_data().try_to_vec().unwrap();
        let plain = crate::graph::evaluate::evaluate(net.graph(), &net.parameters(), &[values]);
        let whole: Vec<f32> = whole.into_data().try_to_vec().unwrap();
        for (found, expected) in whole.iter().zip(&plain[2]) {
            assert!((found - expected).abs() < 1e-4, "{found}, by the exported numbers {expected}");
        }
    }

    #[test]
    fn the_gradient_goes_through_the_singular_value() {
        // W / σ(W) does not change when W is scaled: the gradient has no part along W.
        let device = Device::flex().autodiff();
        let values = normals(&mut stream(9, Stream::Weights), 12, 0.0, 1.0);
        let weight = Tensor::<2>::from_data(TensorData::new(values, [3, 4]), &device).require_grad();
        let normalized = weight.clone() / largest(&weight).reshape([1, 1]);
        let pattern =
            Tensor::from_data([[1.0, -2.0, 0.5, 0.0], [0.3, 1.0, 0.0, -1.0], [0.0, 2.0, 1.0, 1.0]], &device);
        let gradient = weight.grad(&(normalized * pattern).sum().backward()).unwrap();
        let along = (gradient.clone() * weight.inner()).sum().into_scalar::<f32>();
        let size = gradient.abs().max().into_scalar::<f32>();
        assert!(size > 0.05 && along.abs() < 1e-4, "size {size}, along {along}");
    }

    #[test]
    fn orthogonality_counts_what_rows_share() {
        let mut g = GraphBuilder::new("rows");
        let z = g.normal("z", Shape::vector(2));
        let x = g.dense("two", z, Shape::vector(2), false);
        let mut net = Net::new(&g.finish(x), &mut stream(7, Stream::Weights), &Device::flex());
        let weights = |net: &mut Net, rows: [f32; 4]| match &mut net.weights[1] {
            Some(Weights::Dense(layer)) => {
                layer.weight = Param::from_data(TensorData::new(rows.to_vec(), [2, 2]), &Device::flex());
            }
            _ => unreachable!(),
        };
        let of = |net: &Net| net.orthogonality().unwrap().into_scalar::<f32>();
        weights(&mut net, [1.0, 0.0, 0.0, 5.0]);
        assert_eq!(of(&net), 0.0);
        // [inputs, outputs]: the outputs' weights are (1, 2) and (3, 1), whose product is 5, twice.
        weights(&mut net, [1.0, 3.0, 2.0, 1.0]);
        assert_eq!(of(&net), 50.0);
    }
}
