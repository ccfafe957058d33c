//! Latents with all that a network lets choose.

use crate::graph::Graph;
use crate::random::{self, Stream};
use gan_core::Latent;

/// Of what is chosen by chance.
const SEED: u64 = 0xC401;

/// `latents` of `graph` with all that there is to choose from: every second time that the first choice, the class, has gone through all,
/// the other choices are by chance; otherwise they are 0, as pictures are drawn as a rule.
pub fn of_all_choices(graph: &Graph, mut latents: Vec<Latent>) -> Vec<Latent> {
    let choices: Vec<usize> = graph.choices().collect();
    let Some((first, others)) = choices.split_first() else { return latents };
    let mut rng = random::stream(SEED, Stream::Noise);
    for (place, &count) in others.iter().enumerate() {
        let chosen = random::classes(&mut rng, latents.len(), count);
        for (number, (latent, chosen)) in latents.iter_mut().zip(chosen).enumerate() {
            if number / first % 2 == 1 {
                *latent = latent.clone().choose(place + 1, chosen);
            }
        }
    }
    latents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{GraphBuilder, Shape};
    use crate::pictures::Draws;

    #[test]
    fn every_class_has_every_other_choice_and_as_often_none() {
        let mut g = GraphBuilder::new("choices");
        let z = g.normal("z", Shape::vector(2));
        let choices = [g.choice("class", 5), g.choice("crossover", 2), g.choice("truncation", 3)];
        let mut number = 0..;
        let all =
            choices.map(|choice| g.embedding(&format!("row {:?}", number.next()), choice, Shape::vector(2)));
        let joined = g.add("first", &[z, all[0], all[1]]);
        let joined = g.add("all", &[joined, all[2]]);
        let graph = g.finish(joined);
        let latents = of_all_choices(&graph, Draws::of(1).latents(5 * 2 * 60, &(&graph).into()));
        let chosen: Vec<[u8; 3]> =
            latents.iter().map(|latent| latent.choices()[..3].try_into().unwrap()).collect();
        for class in 0..5 {
            let others: Vec<[u8; 2]> =
                chosen.iter().filter(|all| all[0] == class).map(|all| [all[1], all[2]]).collect();
            assert_eq!(others.len(), 120, "class {class}");
            for crossover in 0..2 {
                for truncation in 0..3 {
                    let count = others.iter().filter(|&&other| other == [crossover, truncation]).count();
                    let expected = if [crossover, truncation] == [0, 0] { 61..90 } else { 1..30 };
                    assert!(expected.contains(&count), "class {class}, {crossover}, {truncation}: {count}");
                }
            }
        }
        // The numbers stay as they were drawn.
        let drawn = Draws::of(1).latents(600, &(&graph).into());
        assert!(latents.iter().zip(&drawn).all(|(a, b)| a.values() == b.values()));
    }
}
