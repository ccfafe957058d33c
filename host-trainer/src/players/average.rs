//! The moving average of a network's weights: a generator's draws better pictures than the weights do.

use crate::graph::Net;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::container::TensorContainer;

/// An exponential moving average of a network: a ← d·a + (1 − d)·g with
/// d = min(`decay`, (1 + step) / (10 + step)), so that the first weights are soon forgotten.
///
/// Batch norm's running statistics are averaged as the weights are.
#[derive(Debug, Clone)]
pub struct Average {
    /// The averaged network, without autodiff and in evaluation mode.
    pub net: Net,
    decay: f64,
}

impl Average {
    /// The average of nothing but `net`.
    pub fn new(net: &Net, decay: f64) -> Self {
        Average { net: net.valid(), decay }
    }

    /// The average of nothing but `net`, of the same decay.
    pub(super) fn restarted(&self, net: &Net) -> Self {
        Average::new(net, self.decay)
    }

    /// Takes in the network after step `step`, counted from 1.
    pub fn update(&mut self, net: &Net, step: u64) {
        let decay = self.decay.min((1 + step) as f64 / (10 + step) as f64);
        let mut live = Collect(TensorContainer::new());
        net.valid().visit(&mut live);
        self.net = self.net.clone().map(&mut Blend { live: live.0, decay });
    }
}

struct Collect(TensorContainer<ParamId>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val());
    }
}

struct Blend {
    live: TensorContainer<ParamId>,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let live: Tensor<D> = self.live.get(&param.id).expect("the average has its network's parameters");
        param.map(|average| average * self.decay + live * (1.0 - self.decay))
    }
}
