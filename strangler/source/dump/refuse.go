package dump

import (
	"bytes"

	"github.com/ficushealth/ficus/fault"
)

// strangers are file formats that are mistaken for dumps, by their first bytes.
var strangers = [...]struct{ magic, what string }{
	{"<", "this is XML; make the dump without --xml"},
	{"\xFF\xFE", "this is UTF-16, as PowerShell writes it; make the dump with --result-file"},
	{"\xFE\xFF", "this is UTF-16; make the dump with --result-file"},
	{"PGDMP", "this is a PostgreSQL dump; only dumps of MySQL and MariaDB are read"},
	{"SQLite format 3", "this is an SQLite database, not a dump"},
	{"PK\x03\x04", "this is a ZIP archive; unpack it first"},
	{"\xFD7zXZ", "xz is not read; unpack the file first, or pack it with gzip or zstd"},
	{"7z\xBC\xAF", "this is a 7z archive; unpack it first"},
	{"{", "this is JSON, not a SQL dump"},
	{"[", "this is JSON, not a SQL dump"},
}

// open looks at the first bytes: a byte order mark is passed over, what is no SQL dump is refused.
func (r *Reader) open() error {
	r.w.ahead(16)
	if r.w.starts("\xEF\xBB\xBF") {
		r.w.pos += 3
	}
	start := bytes.TrimLeft(r.w.ahead(64), " \t\r\n")
	for _, s := range strangers {
		if bytes.HasPrefix(start, []byte(s.magic)) {
			return r.fail(fault.Unsupported, "%s", s.what)
		}
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return r.fail(fault.Unsupported, "this is no text file, so no SQL dump")
	}
	return r.broken()
}

// sql refuses a file whose first statement is none of a dump's, such as the tab-separated files of --tab.
func (r *Reader) sql(first string) error {
	switch first {
	case "CREATE", "DROP", "SET", "USE", "INSERT", "REPLACE", "LOCK", "START", "BEGIN", "ALTER", "DELIMITER", "COMMIT", "FLUSH", "CHANGE", "STOP", "GRANT", "UPDATE", "DELETE", "TRUNCATE", "LOAD":
		return nil
	}
	return r.fail(fault.Unsupported, "this is no SQL dump: it does not begin with a statement that a dump begins with (files of --tab are not read)")
}
