# Makes the small XLS, ODS and XLSB files beside it. Needs xlwt, odfpy and pyxlsbwriter.
import datetime, sys, zipfile
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableRow, TableCell, CoveredTableCell
from odf.text import P, S, LineBreak
from odf.office import Annotation
from odf.style import Style, TableProperties

def xls(name, dates_1904=False):
    book = xlwt.Workbook()
    book.dates_1904 = dates_1904
    sheet = book.add_sheet('People')
    day = xlwt.easyxf(num_format_str='yyyy-mm-dd')
    moment = xlwt.easyxf(num_format_str='yyyy-mm-dd hh:mm')
    clock = xlwt.easyxf(num_format_str='h:mm')
    row = ['Name', 6591234567, 1.5, datetime.date(2024, 3, 5), datetime.datetime(2024, 3, 5, 14, 30), datetime.time(14, 30), True, 'Müller 株式会社']
    for column, value in enumerate(row):
        style = {3: day, 4: moment, 5: clock}.get(column, xlwt.Style.default_style)
        sheet.write(2, column + 1, value, style)
    sheet.write_merge(4, 4, 1, 3, 'merged')
    sheet.write(4, 4, xlwt.Formula('1/0'))
    sheet.write(5, 1, 1234, xlwt.easyxf(num_format_str='00000'))
    sheet.write(5, 2, 0.125, xlwt.easyxf(num_format_str='0.00%'))
    hidden = book.add_sheet('Lists')
    hidden.write(0, 0, 'secret')
    hidden.visibility = 1
    book.save(name)

xls('dates-1900.xls')
xls('dates-1904.xls', True)

doc = OpenDocumentSpreadsheet()
gone = Style(name='ta-hidden', family='table'); gone.addElement(TableProperties(display='false'))
doc.automaticstyles.addElement(gone)
table = Table(name='Leute')
def cell(row, text=None, **attributes):
    c = TableCell(**attributes)
    for line in ([] if text is None else text.split('\n')):
        c.addElement(P(text=line))
    row.addElement(c); return c
head = TableRow(); [cell(head, t, valuetype='string') for t in ('Name', 'PLZ', 'Phone', 'Since', 'At', 'Share', 'Active', 'Note')]
table.addElement(head)
gap = TableRow(numberrowsrepeated=2); gap.addElement(TableCell(numbercolumnsrepeated=8)); table.addElement(gap)
row = TableRow()
c = cell(row, None, valuetype='string'); note = Annotation(); note.addElement(P(text='a comment')); c.addElement(note)
p = P(text='Ann'); p.addElement(S(c=2)); p.addText('Lee'); c.addElement(p)
cell(row, '01234', valuetype='float', value='1234')
cell(row, '6.59E+09', valuetype='float', value='6591234567')
cell(row, '05.03.24', valuetype='date', datevalue='2024-03-05')
cell(row, '14:30', valuetype='time', timevalue='PT14H30M00S')
cell(row, '12,5 %', valuetype='percentage', value='0.125')
cell(row, 'WAHR', valuetype='boolean', booleanvalue='true')
cell(row, 'one\ntwo', valuetype='string')
table.addElement(row)
row = TableRow(numberrowsrepeated=2)
cell(row, 'same', valuetype='string', numbercolumnsrepeated=2)
table.addElement(row)
tail = TableRow(numberrowsrepeated=1048570); tail.addElement(TableCell(numbercolumnsrepeated=1024)); table.addElement(tail)
doc.spreadsheet.addElement(table)
hid = Table(name='Hidden', stylename=gone); r = TableRow(); cell(r, 'secret', valuetype='string'); hid.addElement(r)
doc.spreadsheet.addElement(hid)
doc.save('people.ods')

import pyxlsbwriter
with pyxlsbwriter.XlsbWriter('people.xlsb') as book:
    book.add_sheet('People')
    book.write_sheet([
        ['Name', 'Phone', 'Share', 'Since', 'Active'],
        ['Müller', 6591234567, 0.5, datetime.datetime(2024, 3, 5, 14, 30), True],
        ['株式会社', 7, -1.25, datetime.date(2024, 3, 5), False],
    ])
    book.add_sheet('Lists', hidden=True)
    book.write_sheet([['secret']])
