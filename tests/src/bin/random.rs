//! Random programs through the macro: `cargo run --profile long -p differentiable-tests --bin random -- --programs 2000 --seed 7`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::time::Instant;

use differentiable_tests::random::batch::{Batch, Verdict, expand};
use differentiable_tests::random::generate::program;
use differentiable_tests::random::harness;
use differentiable_tests::random::shrink::shrink;
use differentiable_tests::random::tree::{Dialect, Program};

struct Options {
    programs: u64,
    seed: u64,
    /// The number of the first program.
    from: u64,
    /// How many programs are in a crate.
    batch: u64,
    shrink: bool,
    /// Whether rustc runs the macro, and checks every derivative.
    by_attribute: bool,
    /// Whether programs are expanded only, not compiled.
    expand: bool,
    print: bool,
    /// Whether the first crate with a wrong program is the last.
    first: bool,
    /// The derivative function that is compared, in the programs that have it.
    ask: Option<String>,
}

const KNOWN: &str =
    "--programs N, --seed N, --from N, --batch N, --no-shrink, --attribute, --expand, --print, --first, --ask NAME";

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        programs: 300,
        seed: 1,
        from: 0,
        batch: 60,
        shrink: true,
        by_attribute: false,
        expand: false,
        print: false,
        first: false,
        ask: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--ask" {
            options.ask = Some(arguments.next().ok_or("--ask takes a name")?);
            continue;
        }
        let mut number =
            || -> Result<u64, Box<dyn Error>> { Ok(arguments.next().ok_or(format!("{name} takes a number"))?.parse()?) };
        match name.as_str() {
            "--programs" => options.programs = number()?,
            "--seed" => options.seed = number()?,
            "--from" => options.from = number()?,
            "--batch" => options.batch = number()?,
            "--no-shrink" => options.shrink = false,
            "--attribute" => options.by_attribute = true,
            "--expand" => options.expand = true,
            "--print" => options.print = true,
            "--first" => options.first = true,
            _ => return Err(format!("{name} is not known; there are {KNOWN}").into()),
        }
    }
    Ok(options)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let asked = |number| {
        let mut program = program(options.seed, number);
        if let Some(name) = &options.ask {
            program.asked = program.comparisons().into_iter().filter(|known| *known == name.as_str()).collect();
        }
        (!program.asked.is_empty()).then_some(program)
    };
    let mut programs = (options.from..).filter_map(asked).take(options.programs as usize);
    if options.print {
        for program in programs {
            println!("{}", harness::module(&program, Some(&program.items(Dialect::Derived))).0);
        }
        return Ok(());
    }
    // what is expanded only needs no libraries
    let batch = match options.expand {
        true => None,
        false => Some(Batch::new(&format!("seed{}", options.seed), options.by_attribute)?),
    };
    let judge = |programs: &[Program]| -> io::Result<Vec<Verdict>> {
        match &batch {
            None => Ok(programs.iter().map(|program| expand(program).err().unwrap_or(Verdict::Pass)).collect()),
            Some(batch) => batch.judge(programs),
        }
    };
    let start = Instant::now();
    let (mut agree, mut obstacles, mut wrong) = (0, BTreeMap::new(), 0);
    loop {
        let programs: Vec<_> = programs.by_ref().take(options.batch as usize).collect();
        if programs.is_empty() {
            break;
        }
        let verdicts = judge(&programs)?;
        for (program, verdict) in programs.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Pass => agree += 1,
                Verdict::Skip(why) => *obstacles.entry(why).or_insert(0) += 1,
                Verdict::Fail { kind, message } => {
                    wrong += 1;
                    println!("program {} of seed {}: {kind}\n{message}\n", program.seed.1, program.seed.0);
                    if options.shrink {
                        let smallest = shrink(program, &kind, &judge)?;
                        println!("shrunk:\n{}\n", smallest.items(Dialect::Derived));
                    }
                }
            }
        }
        let seconds = start.elapsed().as_secs();
        let skipped: u64 = obstacles.values().sum();
        println!("{agree} agree, {skipped} cannot be compared {obstacles:?}, {wrong} are wrong, after {seconds} s");
        if options.first && wrong > 0 {
            break;
        }
    }
    if wrong > 0 { Err(format!("{wrong} programs are wrong").into()) } else { Ok(()) }
}
