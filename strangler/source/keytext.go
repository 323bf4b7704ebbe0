package source

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// KeyText is what Row.KeyText said of the row that had this key (Row.Key), which need not be there any more. ok is false for
// what is no key of the table, or none that people could read.
func (t *Table) KeyText(key []byte) (text string, ok bool) {
	var parts []string
	for len(key) > 0 {
		var part string
		if part, key, ok = cutPart(key); !ok {
			return "", false
		}
		parts = append(parts, part)
	}
	n := len(t.KeyColumns())
	switch {
	case n == 0 && len(parts) == 1:
		return "#" + parts[0], true
	case n == 0 || len(parts) != n && len(parts) != n+1: // an old version has its end behind the key
		return "", false
	}
	return strings.Join(parts[:n], "/"), true
}

// cutPart reads the first part of a key.
func cutPart(key []byte) (part string, rest []byte, ok bool) {
	tag, key := key[0], key[1:]
	switch {
	case tag == keyNull:
		return "", key, true
	case tag == keyInteger && len(key) >= 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(key)^1<<63), 10), key[8:], true
	case tag == keyHuge && len(key) >= 8:
		return strconv.FormatUint(binary.BigEndian.Uint64(key), 10), key[8:], true
	case tag == keyText:
		return cutText(key)
	}
	return "", nil, false
}

// cutText reads a text up to its end, 00 01; a 00 of its own has FF behind it.
func cutText(key []byte) (text string, rest []byte, ok bool) {
	var b []byte
	for {
		i := bytes.IndexByte(key, 0)
		if i < 0 || i+1 == len(key) {
			return "", nil, false
		}
		b = append(b, key[:i]...)
		end := key[i+1] == 1
		if key = key[i+2:]; end {
			return string(b), key, readable(b)
		}
		b = append(b, 0)
	}
}

func readable(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
