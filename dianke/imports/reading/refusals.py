"""Why a file is not taken, each with what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput


class FileRefused(InvalidInput):
    """Base: the file cannot be read, or must not be."""

    code = "file_refused"
    message = _("This file cannot be read. Save it as .xlsx or .csv and upload that.")
    default_field = "file"


class FileEmpty(FileRefused):
    code = "file_empty"
    message = _("There is nothing in this file. Check that it was saved, and upload it again.")


class NoRows(FileRefused):
    code = "file_without_rows"
    message = _("Only a heading, no rows below it. Fill in at least one row and upload the file again.")


class WorkbookTooLarge(FileRefused):
    code = "workbook_too_large"
    message = _("An Excel file may have at most %(limit)s MB. Save it as CSV (UTF-8): that may have 500 MB.")


class TextTooLarge(FileRefused):
    code = "text_too_large"
    message = _("The file has more than %(limit)s MB. Split it and import the parts one after the other.")


class TooManyRows(FileRefused):
    code = "too_many_rows"
    message = _("The file has more than %(limit)s rows. Split it and import the parts one after the other.")


class TooManyColumns(FileRefused):
    code = "too_many_columns"
    message = _("The file has more than %(limit)s columns. Delete those you do not need and upload it again.")


class UnpackedTooLarge(FileRefused):
    code = "unpacked_too_large"
    message = _(
        "Unpacked, this Excel file is far larger than a list can be; it may have been made to do harm. "
        "Copy the rows into a new workbook, or save them as CSV."
    )


class TooManyParts(FileRefused):
    code = "too_many_parts"
    message = _(
        "This Excel file consists of too many parts (pictures, sheets). Copy the rows into a new workbook and upload "
        "that."
    )


class UnsafeParts(FileRefused):
    code = "unsafe_parts"
    message = _(
        "This Excel file holds parts that do not belong into a workbook, so it was not opened. "
        "Copy the rows into a new workbook and upload that."
    )


class HasMacros(FileRefused):
    code = "has_macros"
    message = _("This Excel file holds macros. Save it as .xlsx without macros and upload that.")


class HasExternalLinks(FileRefused):
    code = "has_external_links"
    message = _(
        "This Excel file fetches data from other files or addresses. Paste the rows as values into a new workbook and "
        "upload that."
    )


class HasPassword(FileRefused):
    code = "has_password"
    message = _("This Excel file is protected by a password. Take the password off and upload it again.")


class WorkbookDamaged(FileRefused):
    code = "workbook_damaged"
    message = _(
        "This Excel file is damaged. Open it in Excel or WPS, save it again as .xlsx and upload that."
    )


class ReadingTooCostly(FileRefused):
    code = "reading_too_costly"
    message = _(
        "Reading this workbook takes too much memory or time, often because formats reach far below the data. "
        "Copy the rows into a new workbook, or save them as CSV."
    )


class NotAWorkbook(FileRefused):
    code = "not_a_workbook"
    message = _(
        "This is no Excel file although it is packed like one. Save the list as .xlsx or .csv and upload that."
    )


class NotATable(FileRefused):
    code = "not_a_table"
    message = _("This is no list but another kind of file (a picture, a PDF). Upload an .xlsx or .csv file.")


class WebPage(FileRefused):
    code = "web_page"
    message = _(
        "This is a web page saved as if it were Excel. Open it in Excel or WPS, save it as .xlsx and upload that."
    )


class LineTooLong(FileRefused):
    code = "line_too_long"
    message = _(
        "A line of this file is far too long for a list. Check that lines end, or save the list as .xlsx."
    )


class QuoteNotClosed(FileRefused):
    code = "quote_not_closed"
    message = _(
        "In or after row %(row)s a quotation mark is opened and never closed. Correct it there, or save the list as "
        ".xlsx."
    )


class FileGone(FileRefused):
    code = "file_gone"
    message = _("The file of this import was removed after its time. Upload it again.")
