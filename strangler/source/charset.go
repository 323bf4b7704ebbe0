package source

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset is a character set of MySQL and MariaDB, and how its text becomes UTF-8.
type Charset struct {
	Name   string
	decode func(dst, b []byte) ([]byte, bool)
}

// FindCharset finds a character set by its MySQL name, "utf8" being utf8mb3. ok is false for those that cannot be read
// here: the East Asian ones, whose text may hold quotes and backslashes as half characters, and a few old ones.
func FindCharset(name string) (cs Charset, ok bool) {
	name = strings.ToLower(name)
	switch name {
	case "utf8", "utf8mb3":
		return Charset{"utf8mb3", decodeUTF8}, true
	case "utf8mb4":
		return Charset{name, decodeUTF8}, true
	case "latin1":
		return Charset{name, decodeLatin1}, true
	case "ascii":
		return Charset{name, decodeASCII}, true
	case "binary":
		return Charset{name, func(dst, b []byte) ([]byte, bool) { return append(dst, b...), true }}, true
	case "ucs2", "utf16", "utf16le", "utf32":
		return Charset{name, wide(name)}, true
	}
	table := singleByte(name)
	if table == nil {
		return Charset{}, false
	}
	return Charset{name, func(dst, b []byte) ([]byte, bool) { return decodeTable(name, table, dst, b) }}, true
}

// Decode appends b as UTF-8. ok is false if b is not valid in the character set: then U+FFFD stands in the bad places.
func (cs Charset) Decode(dst, b []byte) (out []byte, ok bool) { return cs.decode(dst, b) }

// ASCII reports whether ASCII bytes stand for themselves, so that pure ASCII needs no decoding.
func (cs Charset) ASCII() bool {
	return !strings.HasPrefix(cs.Name, "utf16") && cs.Name != "ucs2" && cs.Name != "utf32"
}

func singleByte(name string) *charmap.Charmap {
	switch name {
	case "latin2":
		return charmap.ISO8859_2
	case "latin5":
		return charmap.ISO8859_9
	case "latin7":
		return charmap.ISO8859_13
	case "greek":
		return charmap.ISO8859_7
	case "hebrew":
		return charmap.ISO8859_8
	case "cp1250":
		return charmap.Windows1250
	case "cp1251":
		return charmap.Windows1251
	case "cp1256":
		return charmap.Windows1256
	case "cp1257":
		return charmap.Windows1257
	case "koi8r":
		return charmap.KOI8R
	case "koi8u":
		return charmap.KOI8U
	case "cp850":
		return charmap.CodePage850
	case "cp852":
		return charmap.CodePage852
	case "cp866":
		return charmap.CodePage866
	case "macroman":
		return charmap.Macintosh
	}
	return nil
}

func decodeUTF8(dst, b []byte) ([]byte, bool) {
	if utf8.Valid(b) {
		return append(dst, b...), true
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		dst, b = utf8.AppendRune(dst, r), b[n:]
	}
	return dst, false
}

// decodeLatin1 reads MySQL's latin1, which is not ISO 8859-1 but Windows-1252 with the five free places mapped to the
// control characters of the same number: no byte is invalid.
func decodeLatin1(dst, b []byte) ([]byte, bool) {
	for _, c := range b {
		switch {
		case c < 0x80:
			dst = append(dst, c)
		default:
			dst = utf8.AppendRune(dst, latin1Rune(c))
		}
	}
	return dst, true
}

func latin1Rune(c byte) rune {
	switch c {
	case 0x81, 0x8D, 0x8F, 0x90, 0x9D:
		return rune(c)
	}
	return charmap.Windows1252.DecodeByte(c)
}

func decodeASCII(dst, b []byte) ([]byte, bool) {
	ok := true
	for _, c := range b {
		if c < 0x80 {
			dst = append(dst, c)
			continue
		}
		dst, ok = utf8.AppendRune(dst, utf8.RuneError), false
	}
	return dst, ok
}

func decodeTable(name string, table *charmap.Charmap, dst, b []byte) ([]byte, bool) {
	ok := true
	for _, c := range b {
		r := serverRune(name, table, c)
		ok = ok && r != utf8.RuneError
		dst = utf8.AppendRune(dst, r)
	}
	return dst, ok
}

// serverRune is what MySQL and MariaDB read in a byte, where it differs from the standard of today: they keep old editions of
// some character sets, and control characters in the ISO ones.
func serverRune(name string, table *charmap.Charmap, c byte) rune {
	r := table.DecodeByte(c)
	if c < 0x80 {
		return r
	}
	switch name {
	case "latin2", "latin5", "latin7", "greek", "hebrew":
		if c < 0xA0 {
			return rune(c)
		}
	}
	if own, ok := ownRunes(name)[c]; ok {
		return own
	}
	return r
}

func ownRunes(name string) map[byte]rune {
	const none = utf8.RuneError
	switch name {
	case "greek":
		return map[byte]rune{0xA1: 'ʽ', 0xA2: 'ʼ', 0xA4: none, 0xA5: none, 0xAA: none}
	case "hebrew":
		return map[byte]rune{0xAF: '‾'}
	case "cp1256":
		return map[byte]rune{0x8A: none, 0x8F: none, 0x98: none, 0x9A: none, 0x9F: none, 0xAA: none, 0xC0: none, 0xFF: none}
	case "koi8u":
		return map[byte]rune{0x95: '•', 0xAE: '╝', 0xBE: '╬'}
	case "cp866":
		return map[byte]rune{0xFC: 'ⁿ', 0xFD: '²'}
	}
	return nil
}

// wide decodes the character sets of two or four bytes a unit.
func wide(name string) func(dst, b []byte) ([]byte, bool) {
	size := 2
	if name == "utf32" {
		size = 4
	}
	return func(dst, b []byte) ([]byte, bool) {
		ok := len(b)%size == 0
		for len(b) >= size {
			r, used := wideRune(name, size, b)
			ok = ok && r != utf8.RuneError
			dst, b = utf8.AppendRune(dst, r), b[used:]
		}
		if len(b) > 0 {
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
		return dst, ok
	}
}

func wideRune(name string, size int, b []byte) (r rune, used int) {
	r = unit(name, b[:size])
	if !utf16.IsSurrogate(r) || size == 4 {
		return valid(r), size
	}
	if name != "ucs2" && len(b) >= 4 {
		if pair := utf16.DecodeRune(r, unit(name, b[2:4])); pair != utf8.RuneError {
			return pair, 4
		}
	}
	return utf8.RuneError, size
}

func valid(r rune) rune {
	if !utf8.ValidRune(r) {
		return utf8.RuneError
	}
	return r
}

func unit(name string, b []byte) (r rune) {
	if name == "utf16le" {
		return rune(b[1])<<8 | rune(b[0])
	}
	for _, c := range b {
		r = r<<8 | rune(c)
	}
	return r
}
