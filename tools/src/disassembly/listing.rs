//! What `llvm-objdump` prints, read line by line.

use std::fmt;

/// A line of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Where it lies.
    pub address: u32,
    /// Its length: 2 or 4.
    pub bytes: u32,
    /// `bl`, `beq.w`; `<unknown>` if the disassembler knows none.
    pub mnemonic: String,
    /// What follows it, without the comment.
    pub operands: String,
    /// Whether it is 0xd4d4, which stands between functions.
    is_filling: bool,
}

/// A function with the data that lies behind its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its first byte.
    pub address: u32,
    /// The byte behind it and its literals; filling up to the next function does not count.
    pub end: u32,
    /// Its demangled names: equal functions are one function with several.
    pub names: Vec<String>,
    /// Its code.
    pub instructions: Vec<Instruction>,
}

/// A program, in the order of its sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// All functions.
    pub functions: Vec<Function>,
}

impl Listing {
    /// Reads the output of `llvm-objdump --disassemble`; lines of any other form are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut functions: Vec<Function> = Vec::new();
        for line in text.lines() {
            if let Some((address, name)) = header(line) {
                match functions.last_mut() {
                    // `$t` and `$d` say where code and data begin, and split no function.
                    _ if name.starts_with('$') => {}
                    Some(last) if last.address == address => last.names.push(name.to_owned()),
                    _ => functions.push(Function {
                        address,
                        end: address,
                        names: vec![name.to_owned()],
                        instructions: Vec::new(),
                    }),
                }
            } else if let (Some((address, bytes, rest)), Some(function)) =
                (contents(line), functions.last_mut())
            {
                function.end = address + count(bytes);
                function.instructions.extend(instruction(address, bytes, rest));
            }
        }
        functions.iter_mut().for_each(Function::drop_filling);
        Self { functions }
    }

    /// The function in which `address` lies.
    #[must_use]
    pub fn containing(&self, address: u32) -> Option<&Function> {
        self.functions.iter().find(|function| (function.address..function.end).contains(&address))
    }

    /// The function of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.names.iter().any(|other| other == name))
    }

    /// Each instruction with its function.
    pub fn instructions(&self) -> impl Iterator<Item = (&Function, &Instruction)> {
        self.functions
            .iter()
            .flat_map(|function| function.instructions.iter().map(move |one| (function, one)))
    }
}

impl Function {
    /// Its first name, without the compiler's hash.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.names.first().map_or("?", String::as_str);
        match name.rsplit_once("::h") {
            Some((path, hash)) if hash.len() == 16 => path,
            _ => name,
        }
    }

    /// Drops what the linker fills gaps with, bytes of 0xd4. It reads as `bmi`, and no conditional branch ends a function.
    fn drop_filling(&mut self) {
        while let Some(last) =
            self.instructions.last().filter(|last| last.is_filling && last.address + 2 == self.end)
        {
            self.end = last.address;
            self.instructions.pop();
        }
    }

    /// Code and literals, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u32 {
        self.end - self.address
    }
}

impl Instruction {
    /// An instruction of which no more than this is known.
    #[cfg(test)]
    pub(super) fn new(bytes: u32, mnemonic: &str, operands: &str) -> Self {
        let (mnemonic, operands) = (mnemonic.to_owned(), operands.to_owned());
        Self { address: 0, bytes, mnemonic, operands, is_filling: false }
    }

    /// The mnemonic without `.w`, `.8` and the like.
    #[must_use]
    pub fn base(&self) -> &str {
        self.mnemonic.split('.').next().unwrap_or_default()
    }

    /// Where a branch, a call or a loop goes: the operand that the disassembler writes as `0xc974 <name>`.
    #[must_use]
    pub fn target(&self) -> Option<u32> {
        let (before, _) = self.operands.split_once(" <")?;
        let (_, digits) = before.rsplit_once("0x")?;
        u32::from_str_radix(digits, 16).ok()
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}: {} {}", self.address, self.mnemonic, self.operands)
    }
}

/// `0000212c <name>:`
fn header(line: &str) -> Option<(u32, &str)> {
    let (address, name) = line.strip_suffix(">:")?.split_once(" <")?;
    Some((u32::from_str_radix(address, 16).ok()?, name))
}

/// Address, bytes as they are written, and the text behind them: `    212c: b580         \tpush\t{r7, lr}`.
fn contents(line: &str) -> Option<(u32, &str, &str)> {
    let (place, text) = line.split_once('\t')?;
    let (address, bytes) = place.trim_start().split_once(": ")?;
    Some((u32::from_str_radix(address, 16).ok()?, bytes.trim_end(), text))
}

/// How many bytes are written there.
fn count(bytes: &str) -> u32 {
    bytes.chars().filter(char::is_ascii_hexdigit).count() as u32 / 2
}

/// Code, and no data: that is `.word 0x…` or only bytes.
fn instruction(address: u32, bytes: &str, text: &str) -> Option<Instruction> {
    // The comment.
    let text = text.split_once("@ ").map_or(text, |(code, _)| code).trim();
    let (mnemonic, operands) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_code = mnemonic.starts_with(|first: char| first.is_ascii_alphabetic() || first == '<');
    is_code.then(|| Instruction {
        address,
        bytes: count(bytes),
        mnemonic: mnemonic.to_owned(),
        operands: operands.trim().to_owned(),
        is_filling: bytes == "d4d4",
    })
}

#[cfg(test)]
mod tests {
    use super::Listing;

    const TEXT: &str = "
/t/release/bench:\tfile format elf32-littlearm

Disassembly of section .text:

000000c0 <$t>:

000000c0 <Reset>:

000000c0 <gan_core::ops::run::h1884aaaaaaaa7313>:
      c0: f004 f89f    \tbl\t0x4202 <gan_core::engine::Generator<T>::generate::h18845e6c806e7313> @ imm = #16702
      c4: 4808         \tldr\tr0, [pc, #32]           @ 0xe8 <Reset+0x28>
      c6: d001         \tbeq\t0xcc <Reset+0xc>     @ imm = #2
      c8: b119         \tcbz\tr1, 0xd2 <Reset+0x12>    @ imm = #6
      ca: f00f c0a7    \tle\tlr, 0xc0 <Reset> @ imm = #-332
      ce: de00         \tudf\t#0

000000d0 <$d>:
      d0: cc 09 01 00  \t.word\t0x000109cc
      d4: 61 62 63 00  \t|abc.|

000000e0 <next>:
      e0: fb28 3304    \t<unknown>
";

    #[test]
    fn code_is_told_from_data() {
        let listing = Listing::parse(TEXT);
        let first = &listing.functions[0];
        let mnemonics: Vec<&str> = first.instructions.iter().map(|one| one.mnemonic.as_str()).collect();
        assert_eq!(mnemonics, ["bl", "ldr", "beq", "cbz", "le", "udf"]);
        assert_eq!(first.instructions[1].operands, "r0, [pc, #32]");
    }

    #[test]
    fn a_function_has_all_its_names_and_ends_behind_its_literals() {
        let listing = Listing::parse(TEXT);
        let first = listing.named("Reset").unwrap();
        assert_eq!(first.names.len(), 2);
        assert_eq!((first.address, first.end, first.bytes()), (0xc0, 0xd8, 0x18));
        assert_eq!(listing.containing(0xd4), Some(first));
        assert_eq!(listing.containing(0xd9), None);
        assert_eq!(listing.functions[1].instructions[0].mnemonic, "<unknown>");
    }

    #[test]
    fn what_fills_a_gap_belongs_to_no_function() {
        let text = "00000020 <run>:\n      20: d4d4         \tbmi\t0x10 <gone> @ imm = #-88\n\
                          22: 4770         \tbx\tlr\n      24: d4d4         \tbmi\t0x10 <gone> @ imm = #-88\n";
        let listing = Listing::parse(text);
        assert_eq!((listing.functions[0].bytes(), listing.functions[0].instructions.len()), (4, 2));
    }

    #[test]
    fn branches_tell_where_they_go() {
        let listing = Listing::parse(TEXT);
        let targets: Vec<_> = listing.functions[0].instructions.iter().map(|one| one.target()).collect();
        assert_eq!(targets[..6], [Some(0x4202), None, Some(0xcc), Some(0xd2), Some(0xc0), None]);
    }

    #[test]
    fn a_name_is_shown_without_its_hash() {
        let text = "000000c0 <gan_core::ops::run::h18845e6c806e7313>:\n      c0: 4770\tbx\tlr\n";
        assert_eq!(Listing::parse(text).functions[0].name(), "gan_core::ops::run");
    }
}
