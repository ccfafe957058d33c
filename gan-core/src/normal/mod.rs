//! The standard normal distribution in steps of 3/127, by integers alone.
//!
//! A standard normal number rounded to the nearest step is q with probability Φ((q + ½) · 3/127) − Φ((q − ½) · 3/127).
//! Steps end at ±127, which stand for everything beyond them too. The distribution is symmetric: a magnitude and a sign
//! are drawn. [`CUMULATIVE`] holds the magnitude's distribution; the place of a uniform number in it is a magnitude
//! drawn from exactly that distribution (inverse transform sampling: Devroye 1986, chapter 2), to 2⁻³², which is
//! how finely a draw of 32 bits resolves a value's probability.

/// Magnitudes are 0 to this.
pub(crate) const MOST: u8 = 127;

/// Of 2³¹ equally likely numbers, how many make a magnitude of at most the index:
/// `round(2³¹ · erf((index + ½) · 3/127 / √2))`, and all of them for the last, which has the tail.
#[rustfmt::skip] // eight per line
const CUMULATIVE: [u32; MOST as usize + 1] = [
    20_237_058, 60_699_883, 101_128_856, 141_501_473, 181_795_322, 221_988_125, 262_057_771, 301_982_354,
    341_740_209, 381_309_947, 420_670_491, 459_801_105, 498_681_434, 537_291_527, 575_611_877, 613_623_441,
    651_307_675, 688_646_558, 725_622_618, 762_218_954, 798_419_261, 834_207_850, 869_569_668, 904_490_314,
    938_956_054, 972_953_839, 1_006_471_317, 1_039_496_841, 1_072_019_478, 1_104_029_021, 1_135_515_991, 1_166_471_642,
    1_196_887_963, 1_226_757_680, 1_256_074_253, 1_284_831_876, 1_313_025_468, 1_340_650_674, 1_367_703_855, 1_394_182_075,
    1_420_083_099, 1_445_405_376, 1_470_148_027, 1_494_310_835, 1_517_894_226, 1_540_899_253, 1_563_327_584, 1_585_181_477,
    1_606_463_766, 1_627_177_842, 1_647_327_628, 1_666_917_563, 1_685_952_579, 1_704_438_076, 1_722_379_906, 1_739_784_343,
    1_756_658_067, 1_773_008_133, 1_788_841_957, 1_804_167_285, 1_818_992_172, 1_833_324_961, 1_847_174_256, 1_860_548_903,
    1_873_457_965, 1_885_910_697, 1_897_916_532, 1_909_485_049, 1_920_625_960, 1_931_349_087, 1_941_664_338, 1_951_581_692,
    1_961_111_180, 1_970_262_863, 1_979_046_817, 1_987_473_115, 1_995_551_810, 2_003_292_921, 2_010_706_417, 2_017_802_204,
    2_024_590_107, 2_031_079_864, 2_037_281_109, 2_043_203_363, 2_048_856_023, 2_054_248_352, 2_059_389_470, 2_064_288_345,
    2_068_953_788, 2_073_394_443, 2_077_618_784, 2_081_635_105, 2_085_451_521, 2_089_075_958, 2_092_516_154, 2_095_779_652,
    2_098_873_802, 2_101_805_754, 2_104_582_461, 2_107_210_677, 2_109_696_955, 2_112_047_648, 2_114_268_911, 2_116_366_699,
    2_118_346_770, 2_120_214_688, 2_121_975_823, 2_123_635_352, 2_125_198_265, 2_126_669_366, 2_128_053_276, 2_129_354_437,
    2_130_577_113, 2_131_725_399, 2_132_803_218, 2_133_814_331, 2_134_762_338, 2_135_650_680, 2_136_482_648, 2_137_261_386,
    2_137_989_893, 2_138_671_028, 2_139_307_517, 2_139_901_954, 2_140_456_808, 2_140_974_425, 2_141_457_036, 2_147_483_648,
];

/// The value for 32 uniform bits `random`, of a magnitude of at most `limit`; a limit above [`MOST`] is none.
///
/// Below [`MOST`] the value has the distribution that drawing again until a magnitude is allowed would give: of the
/// table, the part up to the limit is taken for the whole. No draw is thrown away, so one number of the generator makes
/// one value, and the same random bits make values of the same sign and order whatever the limit.
#[inline(never)] // small: it is called in several places
pub(crate) fn quantized(random: u32, limit: u8) -> i8 {
    let allowed = CUMULATIVE[usize::from(limit.min(MOST))];
    let uniform = random & (u32::MAX >> 1);
    // Below `allowed`: `uniform` is below 2³¹.
    let place = ((u64::from(uniform) * u64::from(allowed)) >> 31) as u32;
    // The first that is above it. Not `partition_point`, which is unrolled, to three times the code.
    let (mut low, mut high) = (0, CUMULATIVE.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match CUMULATIVE.get(middle) {
            Some(&below) if below <= place => low = middle + 1,
            _ => high = middle,
        }
    }
    let magnitude = low as i8;
    if random > u32::MAX >> 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
pub(crate) mod tests;
