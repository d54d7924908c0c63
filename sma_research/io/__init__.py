"""Files: books of accounts in, portfolios and reports out."""

from sma_research.io.answers import Answer, answer, write_answers
from sma_research.io.book import Book, book_schema, load_book
from sma_research.io.records import ReportFile, ReportRecord, report_schema
from sma_research.io.write import prepare_file, prepare_folder, write_text

__all__ = [
    "Answer",
    "Book",
    "ReportFile",
    "ReportRecord",
    "answer",
    "book_schema",
    "load_book",
    "prepare_file",
    "prepare_folder",
    "report_schema",
    "write_answers",
    "write_text",
]
