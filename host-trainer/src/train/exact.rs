//! Numbers in JSON to the bit: as the integers that their bits are. A decimal one is read back to within its last bit only.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    let bits: Vec<u64> = numbers.iter().map(|number| number.to_bits()).collect();
    bits.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let bits = Vec::<u64>::deserialize(deserializer)?;
    Ok(bits.into_iter().map(f64::from_bits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Numbers(#[serde(with = "super")] Vec<f64>);

    #[test]
    fn every_bit_comes_back() {
        let numbers: Vec<f64> = (1..2000).map(|i| (f64::from(i) * 0.99f64.powi(i % 700)).sqrt()).collect();
        let text = serde_json::to_string(&Numbers(numbers.clone())).unwrap();
        let Numbers(read) = serde_json::from_str(&text).unwrap();
        assert!(read.iter().zip(&numbers).all(|(a, b)| a.to_bits() == b.to_bits()) && read.len() == 1999);
    }
}
