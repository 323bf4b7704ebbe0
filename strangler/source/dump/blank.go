package dump

import (
	"bytes"
	"strconv"
	"strings"
)

// blank passes over white space and comments. What a conditional comment holds is code: only its marks are passed over.
func (r *Reader) blank() error {
	for {
		c, ok := r.w.peek()
		if !ok {
			return r.broken()
		}
		if isSpace(c) {
			r.w.pos++
			continue
		}
		if c == '-' && r.dashes() {
			r.note(r.w.ahead(noted))
		}
		if passed, err := r.comment(c); !passed || err != nil {
			return err
		}
	}
}

// noted is how much of a comment is looked at.
const noted = 512

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// comment passes over one comment, or the mark of a conditional one, if there is one here; c is the next byte.
func (r *Reader) comment(c byte) (passed bool, err error) {
	switch {
	case c == '#' || c == '-' && r.dashes():
		return true, r.lineComment()
	case c == '/' && r.w.starts("/*"):
		return true, r.blockComment()
	case c == '*' && r.cond > 0 && r.w.starts("*/"):
		r.w.pos, r.cond = r.w.pos+2, r.cond-1
		return true, nil
	}
	return false, nil
}

// dashes reports whether a comment of two dashes starts here; a blank must follow, so that 1--1 stays an expression.
func (r *Reader) dashes() bool {
	b := r.w.ahead(3)
	return len(b) >= 2 && b[1] == '-' && (len(b) == 2 || isSpace(b[2]))
}

func (r *Reader) lineComment() error {
	for {
		if i := bytes.IndexByte(r.w.buf[r.w.pos:r.w.end], '\n'); i >= 0 {
			r.w.pos += i + 1
			return nil
		}
		r.w.pos = r.w.end
		if !r.w.more() {
			return r.broken()
		}
	}
}

// note watches for the comments between statements with which a dump opens and closes, and which say whose tables follow.
func (r *Reader) note(comment []byte) {
	switch {
	case bytes.HasPrefix(comment, []byte("-- MySQL dump ")), bytes.HasPrefix(comment, []byte("-- MariaDB dump ")):
		r.opened, r.completed = true, false
	case bytes.HasPrefix(comment, []byte("-- Dump completed")):
		r.completed = true
	case bytes.HasPrefix(comment, []byte("-- PostgreSQL database")):
		r.foreign = true
	}
	comment, _, _ = bytes.Cut(comment, []byte{'\n'})
	if name := headDatabase(r.decodeDDL(bytes.TrimSpace(comment))); name != "" && r.opt.Database == "" {
		r.catalog.database = name
	}
}

// headDatabase is the database that a comment says the tables below are of, "" if it does not: mysqldump writes
// "-- Host: localhost    Database: OpalDB" at the head of a dump, phpMyAdmin "-- Database: `OpalDB`". It is the only place that
// names the database of a dump that was made without --databases.
func headDatabase(comment string) string {
	if host, name, ok := strings.Cut(comment, "Database: "); ok && (host == "-- " || strings.HasPrefix(host, "-- Host: ")) {
		return strings.ReplaceAll(strings.Trim(name, "`"), "``", "`")
	}
	return ""
}

func (r *Reader) blockComment() error {
	if n := conditional(r.w.ahead(16)); n > 0 {
		r.w.pos, r.cond = r.w.pos+n, r.cond+1
		return nil
	}
	r.w.pos += 2
	for {
		i := bytes.IndexByte(r.w.buf[r.w.pos:r.w.end], '*')
		if i < 0 {
			r.w.pos = r.w.end
			if !r.w.more() {
				return r.cut("a comment is not closed")
			}
			continue
		}
		r.w.pos += i + 1
		if c, ok := r.w.peek(); ok && c == '/' {
			r.w.pos++
			return nil
		}
	}
}

// conditional is the length of the mark that opens a conditional comment, "/*!40101" or "/*M!100616", 0 if b is another
// comment. Version 99.99.99 is never reached: mariadb-dump puts its sandbox switch there.
func conditional(b []byte) int {
	n := len("/*")
	if n < len(b) && b[n] == 'M' {
		n++
	}
	if n >= len(b) || b[n] != '!' {
		return 0
	}
	n++
	from := n
	for n < len(b) && n < from+6 && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	if version, err := strconv.Atoi(string(b[from:n])); err == nil && version >= 999999 {
		return 0
	}
	return n
}
