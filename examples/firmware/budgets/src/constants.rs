//! That the thermocouple's table is a constant: it stands in a section of the linked program that is in flash and cannot be written, its bytes are
//! the values and slopes that the polynomial has here at run time, and of the polynomial there is no code.

use firmware::thermocouple::computed;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

use crate::board::BOARDS;

/// Where random-access memory begins.
const RAM: u64 = 0x2000_0000;

/// Compares the table in the programs for both boards with what is computed.
pub fn compare() -> Result<(), String> {
    let expected: Vec<u8> =
        computed().iter().flat_map(|(value, slope)| [value.to_le_bytes(), slope.to_le_bytes()]).flatten().collect();
    for board in BOARDS {
        let data = board.build("thermocouple")?;
        let file = object::File::parse(&*data).map_err(|error| error.to_string())?;
        in_flash(&file, &expected).map_err(|error| format!("thermocouple on {}: {error}", board.name))?;
    }
    Ok(())
}

fn in_flash(file: &object::File, expected: &[u8]) -> Result<(), String> {
    let demangled = |name: &str| format!("{:#}", rustc_demangle::demangle(name));
    let mut table = None;
    for symbol in file.symbols() {
        let name = symbol.name().map(demangled).unwrap_or_default();
        if symbol.kind() == SymbolKind::Text && name.contains("thermocouple::voltage") {
            return Err(format!("the polynomial has code: {name}"));
        }
        if name == "firmware::thermocouple::TABLE" {
            table = Some(symbol);
        }
    }
    let table = table.ok_or("the table has no symbol")?;
    let section =
        table.section_index().and_then(|index| file.section_by_index(index).ok()).ok_or("the table is in no section")?;
    let constant = matches!(section.kind(), SectionKind::ReadOnlyData | SectionKind::ReadOnlyString);
    if !constant || table.address() >= RAM {
        return Err(format!("the table is in {} at {:#x}", section.name().unwrap_or_default(), table.address()));
    }
    match section.data_range(table.address(), table.size()) {
        Ok(Some(bytes)) if bytes == expected => Ok(()),
        _ => Err("the table has other bytes than are computed here".to_owned()),
    }
}
