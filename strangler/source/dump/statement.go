package dump

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// statement reads on to the next INSERT or REPLACE, doing on the way what the other statements say. io.EOF at the end.
func (r *Reader) statement() error {
	for {
		if err := r.blank(); err != nil {
			return err
		}
		if _, ok := r.w.peek(); !ok {
			return r.finish()
		}
		if bytes.HasPrefix(r.w.ahead(len(r.delim)), r.delim) {
			r.w.pos += len(r.delim)
			continue
		}
		r.number++
		first := r.firstWord()
		if r.number == 1 {
			if err := r.sql(first); err != nil {
				return err
			}
		}
		switch first {
		case "INSERT", "REPLACE":
			return r.insert(first)
		case "DELIMITER":
			if err := r.setDelimiter(); err != nil {
				return err
			}
		default:
			if err := r.other(first); err != nil {
				return err
			}
		}
	}
}

// firstWord is the word that stands here, in upper case; it is not passed over.
func (r *Reader) firstWord() string {
	b := r.w.ahead(24)
	n := 0
	for n < len(b) && isWord(b[n]) {
		n++
	}
	return strings.ToUpper(string(b[:n]))
}

// finish decides at the end of the file whether it is whole.
func (r *Reader) finish() error {
	r.into = nil
	switch {
	case r.broken() != nil:
		return r.broken()
	case r.foreign:
		return r.fail(fault.Unsupported, "this is a PostgreSQL dump; only dumps of MySQL and MariaDB are read")
	case r.number == 0:
		return r.fail(fault.Invalid, "there is no SQL statement; the dump is empty")
	case r.opened && !r.completed:
		return r.fail(fault.Invalid, "the dump breaks off: its closing comment \"-- Dump completed\" is missing; make the dump again")
	case r.session.aside && !r.completed:
		return r.fail(fault.Invalid, "the dump breaks off: the settings that it put aside at its beginning are not given back at its end; make the dump again")
	case r.cond > 0:
		return r.cut("a conditional comment is not closed")
	case !r.opened && r.w.last != '\n':
		return r.fail(fault.Invalid, "the dump breaks off: the last line has no end; make the dump again")
	}
	return io.EOF
}

// setDelimiter takes the client command DELIMITER, which ends with its line.
func (r *Reader) setDelimiter() error {
	r.w.pos += len("DELIMITER")
	r.text = r.text[:0]
	for {
		c, ok := r.w.peek()
		if !ok || c == '\n' || len(r.text) > 64 {
			break
		}
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
	}
	d := bytes.TrimSpace(r.text)
	if len(d) == 0 || len(d) > 32 {
		return r.fail(fault.Invalid, "DELIMITER is not followed by a delimiter")
	}
	r.delim = append([]byte(nil), d...)
	return nil
}

// other reads a statement that gives no rows and does what it says.
func (r *Reader) other(first string) error {
	r.from, r.fromLine = r.w.offset(r.w.pos), r.w.lineAt(r.w.pos)
	closed, err := r.capture()
	if err != nil {
		return err
	}
	if !closed {
		return r.cut("the last statement is not closed")
	}
	return r.obey(first)
}

// obey does what the statement in r.text says.
func (r *Reader) obey(first string) error {
	switch first {
	case "SET":
		if bad := r.session.set(r.tokens()[1:]); bad != "" {
			return r.failStatement(0, fault.Unsupported, "text in character set %q cannot be read; make the dump with --default-character-set=utf8mb4", bad)
		}
	case "USE":
		return r.use(r.tokens())
	case "CREATE":
		return r.create(r.tokens())
	case "ALTER":
		return r.alter(r.tokens())
	case "DROP":
		return r.drop(r.tokens())
	case "UPDATE", "DELETE", "TRUNCATE", "RENAME":
		return r.harm(first, r.tokens())
	case "LOAD", "COPY", "IMPORT", "CALL", "EXECUTE", "MERGE":
		return r.failStatement(0, fault.Unsupported, "%s cannot be read: rows must come as INSERT statements (a dump without --tab)", first)
	}
	return nil
}

// tokens are those of the statement in r.text.
func (r *Reader) tokens() []token {
	r.ddl = r.decodeDDL(r.text)
	return tokenize(r.ddl, r.session.ansiQuotes(), r.session.noBackslash())
}

// decodeDDL makes UTF-8 of a statement. mysqldump writes declarations in UTF-8 whatever the character set of the rows.
func (r *Reader) decodeDDL(b []byte) string {
	if r.session.client.Name == "binary" {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	out, _ := r.session.client.Decode(nil, b)
	return string(out)
}

// failStatement makes a fault about the statement in r.text, at a place in it.
func (r *Reader) failStatement(at int, kind fault.Kind, format string, args ...any) error {
	line := r.fromLine + int64(strings.Count(r.ddl[:min(at, len(r.ddl))], "\n"))
	text := fmt.Sprintf(format, args...)
	if at < len(r.ddl) && r.ddl[at] == '"' && !r.session.ansiQuotes() {
		text += "; a text in double quotes stands there: if that is how this dump writes names, put SET SQL_MODE='ANSI_QUOTES'; before it, or make it again without --compatible=ansi"
	}
	return r.failLine(kind, line, 0, r.from, text)
}

// harm refuses a statement that changes rows which were read before; on a table without rows it changes nothing.
func (r *Reader) harm(first string, tokens []token) error {
	at := 1
	for at < len(tokens) && (tokens[at].is("table") || tokens[at].is("from")) {
		at++
	}
	database, name, _ := r.qualified(tokens, at)
	if e := r.catalog.find(database, name); e != nil && e.rows+e.history == 0 && first != "RENAME" {
		return nil
	}
	return r.failStatement(0, fault.Unsupported, "%s changes what was read before; only dumps that create and fill tables are read", first)
}

// qualified reads `name` or `database`.`name` at i; next is the place behind it.
func (r *Reader) qualified(tokens []token, i int) (database, name string, next int) {
	if i >= len(tokens) || !tokens[i].named() {
		return "", "", i
	}
	if i+2 < len(tokens) && tokens[i+1].sign('.') && tokens[i+2].named() {
		return tokens[i].text, tokens[i+2].text, i + 3
	}
	return r.catalog.database, tokens[i].text, i + 1
}

func (r *Reader) use(tokens []token) error {
	if len(tokens) < 2 || !tokens[1].named() {
		return r.failStatement(tokens[len(tokens)-1].at, fault.Invalid, "USE names no database")
	}
	r.catalog.database = tokens[1].text
	return nil
}

// drop forgets a table that has no rows: old dumps stand a table in for a view, and drop it later.
func (r *Reader) drop(tokens []token) error {
	if len(tokens) < 2 || !tokens[1].is("table") {
		return nil
	}
	for i := 2; i < len(tokens); i++ {
		if !tokens[i].named() || tokens[i].is("if") || tokens[i].is("exists") {
			continue
		}
		database, name, next := r.qualified(tokens, i)
		if e := r.catalog.find(database, name); e != nil && e.rows+e.history > 0 {
			return r.failStatement(tokens[i].at, fault.Unsupported, "table %s is dropped after its rows were read; are two dumps in one file?", e.table)
		}
		r.catalog.forget(database, name)
		i = next - 1
	}
	return nil
}
