//! Tables for reading: columns set apart by two spaces, each row one line, no wider than the
//! terminal (80 columns if there is none). Cells that don't fit are cut with `…`. For programs there
//! is `--format json`; these tables are not meant to be parsed.

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width,
    presets,
};

/// One column: its heading and how its cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// How its cells stand.
    pub kind: Kind,
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Short words, shown whole: ids, dates, states.
    Word,
    /// Numbers, flush right, shown whole.
    Number,
    /// Text that may be cut.
    Text,
}

/// A column of short words that are shown whole.
#[must_use]
pub const fn word(title: &'static str) -> Column {
    Column { title, kind: Kind::Word }
}

/// A column of numbers, flush right.
#[must_use]
pub const fn number(title: &'static str) -> Column {
    Column { title, kind: Kind::Number }
}

/// A column of text that is cut where the line ends.
#[must_use]
pub const fn text(title: &'static str) -> Column {
    Column { title, kind: Kind::Text }
}

/// The widest that a word or number may make its column: beyond that it's no word.
const MAX_WORD_COLUMNS: usize = 32;
/// A character that no cell has left: with it as word break comfy-table cuts cells at the column's
/// edge and not at the last word that fits.
const NEVER: char = '\u{0}';

/// The rows under the columns' headings, as lines of at most `width` columns, without a line break
/// at the end. A row has a cell for every column. Control characters in cells become spaces.
#[must_use]
pub fn render(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_delimiter(NEVER)
        .set_header(columns.iter().map(|column| {
            let heading = Cell::new(column.title);
            if console::colors_enabled() { heading.add_attribute(Attribute::Bold) } else { heading }
        }));
    if console::colors_enabled() {
        table.enforce_styling();
    }
    for row in &rows {
        let mut line = Row::from(row);
        line.max_height(1);
        table.add_row(line);
    }
    for (index, column) in columns.iter().enumerate() {
        let Some(place) = table.column_mut(index) else { continue };
        let gap = if index + 1 == columns.len() { 0 } else { 2 };
        place.set_padding((0, gap));
        if column.kind == Kind::Number {
            place.set_cell_alignment(CellAlignment::Right);
        }
        if column.kind != Kind::Text {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(String::as_str);
            let widest =
                cells.chain([column.title]).map(console::measure_text_width).max().unwrap_or(0);
            let fixed =
                u16::try_from(widest.min(MAX_WORD_COLUMNS) + gap as usize).unwrap_or(u16::MAX);
            place.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed)));
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn one_line(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [word("feed"), text("outlet"), number("quotes")];

    fn row(cells: [&str; 3]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn columns_stand_under_each_other_and_numbers_flush_right() {
        let rows = [row(["north", "Northern Echo Weekly", "7"]), row(["s", "South", "1204"])];
        assert_eq!(
            render(&COLUMNS, &rows, 80),
            "feed   outlet                quotes\n\
             north  Northern Echo Weekly       7\n\
             s      South                   1204"
        );
    }

    #[test]
    fn a_long_cell_is_cut_where_the_line_ends() {
        let rows = [row(["north", "The Association of Northern Weekly Newspapers", "7"])];
        assert_eq!(
            render(&COLUMNS, &rows, 40),
            "feed   outlet                     quotes\n\
             north  The Association of North…       7"
        );
    }

    #[test]
    fn no_line_is_wider_than_asked_and_none_is_lost() {
        let long = "über-lange Wörter ".repeat(20);
        let rows: Vec<_> = (0..5).map(|_| row([&long, "語".repeat(90).as_str(), "12"])).collect();
        let table = render(&COLUMNS, &rows, 80);
        assert_eq!(table.lines().count(), 6);
        assert!(table.lines().all(|line| console::measure_text_width(line) <= 80), "{table}");
    }

    #[test]
    fn nothing_in_a_cell_breaks_the_line_or_steers_the_terminal() {
        let table = render(&COLUMNS, &[row(["a\nb", "\u{1b}[31mred", "1"])], 80);
        assert_eq!(table.lines().count(), 2);
        assert!(!table.contains('\u{1b}'), "{table:?}");
    }
}
