#!/usr/bin/env python3
"""Times a training step of the default recipe here and in PyTorch, in turns, and prints the ratio.

A development tool: nothing of the project needs Python. With PyTorch installed, from the project's folder:

    python3 tools/pytorch/time_steps.py
    python3 tools/pytorch/time_steps.py --discriminator-width 32 --r1-gamma 0

Both sides do the same work on batches of the same size: one step of the generator, one of the discriminator with
the first-order R1 penalty, Adam for both, and the moving average of the generator. PyTorch gets as many threads as
there are cores. The two take turns, so that a busy machine slows both; the figure is the median of the turns' ratios.
"""

import argparse
import copy
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH = 64
LATENT = 32
CLASSES = 10


class Generator(nn.Module):
    """host-trainer/src/nets/dcgan.rs, the generator."""

    def __init__(self, width):
        super().__init__()
        self.width = width
        self.project = nn.Linear(LATENT + CLASSES, 49 * width, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(w) for w in (width, 2 * width, width))
        self.widen = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.grow = nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False)
        self.picture = nn.ConvTranspose2d(width, 1, 4, 2, 1)

    def forward(self, z, classes):
        x = self.project(torch.cat([z, classes], 1)).view(-1, self.width, 7, 7)
        x = F.relu(self.norms[0](x))
        x = F.relu(self.norms[1](self.widen(x)))
        x = F.relu(self.norms[2](self.grow(x)))
        return torch.tanh(self.picture(x))


class Discriminator(nn.Module):
    """host-trainer/src/nets/dcgan.rs, the discriminator."""

    def __init__(self, width):
        super().__init__()
        self.edges = nn.Conv2d(1, width, 4, 2, 1)
        self.parts = nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(2 * width)
        self.verdict = nn.Linear(98 * width, 1)
        self.embedding = nn.Linear(CLASSES, 98 * width, bias=False)

    def forward(self, x, classes):
        x = F.leaky_relu(self.edges(x), 0.2)
        x = F.leaky_relu(self.norm(self.parts(x)), 0.2).flatten(1)
        return self.verdict(x) + (self.embedding(classes) * x).sum(1, keepdim=True)


class Game:
    def __init__(self, options):
        self.g = Generator(options.width)
        self.d = Discriminator(options.discriminator_width)
        for module in [*self.g.modules(), *self.d.modules()]:
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                nn.init.normal_(module.weight, 0, 0.02)
        self.average = copy.deepcopy(self.g)
        adam = lambda net: torch.optim.Adam(net.parameters(), 1e-3, (0.5, 0.999), 1e-8)
        self.g_adam, self.d_adam = adam(self.g), adam(self.d)
        self.gamma = options.r1_gamma

    def noise(self):
        return torch.randn(BATCH, LATENT), F.one_hot(torch.randint(CLASSES, (BATCH,)), CLASSES).float()

    def of_real(self, real, classes):
        """The loss on real pictures, with the penalty: host-trainer/src/objectives/r1.rs."""
        if self.gamma == 0:
            return F.softplus(-self.d(real, classes)).mean()
        x = real.clone().requires_grad_()
        gradient = torch.autograd.grad(self.d(x, classes).sum(), x)[0]
        step = 0.1 * gradient / (gradient.square().sum((1, 2, 3), keepdim=True) + 1e-12).sqrt()
        above, below = self.d(real + step, classes), self.d(real - step, classes)
        penalty = self.gamma / 2 * ((above - below) / 0.2).square().mean()
        return F.softplus(-torch.cat([above, below])).mean() + penalty

    def step(self):
        z, classes = self.noise()
        for p in self.d.parameters():
            p.requires_grad_(False)
        loss = F.softplus(-self.d(self.g(z, classes), classes)).mean()
        self.g_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.g_adam.step()
        for p in self.d.parameters():
            p.requires_grad_(True)
        with torch.no_grad():
            for a, p in zip(self.average.parameters(), self.g.parameters()):
                a.lerp_(p, 5e-4)

        real = torch.rand(BATCH, 1, 28, 28) * 2 - 1
        labels = F.one_hot(torch.randint(CLASSES, (BATCH,)), CLASSES).float()
        z, classes = self.noise()
        with torch.no_grad():
            generated = self.g(z, classes)
        loss = self.of_real(real, labels) + F.softplus(self.d(generated, classes)).mean()
        self.d_adam.zero_grad(set_to_none=True)
        loss.backward()
        self.d_adam.step()
        return loss.item()


def torch_median(options):
    game = Game(options)
    times = []
    for _ in range(options.steps + 5):
        start = time.perf_counter()
        game.step()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[5:])


def burn_median(options):
    command = ["cargo", "run", "--quiet", "-p", "host-trainer", "--", "time-steps", "--backend", "flex"]
    command += ["--steps", str(options.steps), "--set", f"generator_width={options.width}"]
    command += ["--set", f"discriminator_width={options.discriminator_width}"]
    command += ["--set", f"r1.gamma={options.r1_gamma}"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(next(line for line in out.splitlines() if line.startswith("flex")).split()[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=16, help="of the generator")
    parser.add_argument("--discriminator-width", type=int, default=16)
    parser.add_argument("--r1-gamma", type=float, default=0.5, help="0 leaves the penalty out")
    parser.add_argument("--steps", type=int, default=100, help="a turn")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    ratios = []
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; batch {BATCH}, ms a step")
    print(f"{'turn':>4} {'PyTorch':>8} {'Burn':>8} {'ratio':>6}")
    for turn in range(1, options.turns + 1):
        theirs, ours = torch_median(options), burn_median(options)
        ratios.append(ours / theirs)
        print(f"{turn:>4} {theirs:>8.1f} {ours:>8.1f} {ours / theirs:>6.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
