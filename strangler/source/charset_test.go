package source

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// testdata/charsets.tsv is what a MariaDB 10.11 server makes of the bytes 80 to FF of each character set: the hex of the
// character in UTF-8, 3F (a question mark) where there is none.
func TestSingleBytesReadAsTheServerReadsThem(t *testing.T) {
	b, err := os.ReadFile("testdata/charsets.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		cs, known := FindCharset(name)
		if !known {
			t.Errorf("%s is not known", name)
			continue
		}
		for i, field := range strings.Fields(rest) {
			want, err := hex.DecodeString(field)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) == "?" {
				want = []byte("\uFFFD")
			}
			got, ok := cs.Decode(nil, []byte{byte(0x80 + i)})
			if !bytes.Equal(got, want) || ok == bytes.Equal(got, []byte("\uFFFD")) {
				t.Errorf("%s %02X: got %q, %v; want %q", name, 0x80+i, got, ok, want)
			}
		}
	}
}

func TestWideCharsets(t *testing.T) {
	for _, c := range []struct {
		charset, bytes, want string
		ok                   bool
	}{
		{"ucs2", "\x20\xAC\x00A", "€A", true},
		{"ucs2", "\xD8\x3D\xDE\x00", "\uFFFD\uFFFD", false},
		{"utf16", "\xD8\x3D\xDE\x00\x00A", "😀A", true},
		{"utf16", "\xD8\x3D\x00A", "\uFFFDA", false},
		{"utf16", "\xD8\x3D", "\uFFFD", false},
		{"utf16le", "\x3D\xD8\x00\xDE", "😀", true},
		{"utf32", "\x00\x01\xF6\x00", "😀", true},
		{"utf32", "\x00\x11\x00\x00", "\uFFFD", false},
		{"utf16", "\x00", "\uFFFD", false},
		{"utf8", "a\xC3", "a\uFFFD", false},
		{"utf8mb4", "\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", false},
		{"ascii", "a\x80", "a\uFFFD", false},
		{"binary", "a\x80", "a\x80", true},
	} {
		cs, known := FindCharset(c.charset)
		got, ok := cs.Decode([]byte("-"), []byte(c.bytes))
		if !known || string(got) != "-"+c.want || ok != c.ok {
			t.Errorf("%s %X: got %q, %v; want %q, %v", c.charset, c.bytes, got, ok, c.want, c.ok)
		}
	}
	if _, ok := FindCharset("sjis"); ok {
		t.Error("sjis is known")
	}
}

func TestDoubleEncoded(t *testing.T) {
	for _, plain := range []string{"é", "Hélène Brœuf", "5 €", "naïve “quotes”", "漢字"} {
		twice, _ := decodeLatin1(nil, []byte(plain))
		if undone, ok := DoubleEncoded(twice); !ok || string(undone) != plain {
			t.Errorf("%q: undone %q, %v; want %q", twice, undone, ok, plain)
		}
		if undone, ok := DoubleEncoded([]byte(plain)); ok {
			t.Errorf("%q is not encoded twice, but was undone to %q", plain, undone)
		}
	}
	for _, other := range []string{"", "plain", "Ã", "Müller", "\uFFFD"} {
		if undone, ok := DoubleEncoded([]byte(other)); ok {
			t.Errorf("%q is not encoded twice, but was undone to %q", other, undone)
		}
	}
}

func FuzzDecodeIsAlwaysUTF8(f *testing.F) {
	f.Add("latin1", []byte("\x80\x81"))
	f.Add("utf16", []byte("\xD8\x00\xDC"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		cs, known := FindCharset(name)
		if !known || name == "binary" {
			return
		}
		if out, _ := cs.Decode(nil, b); !utf8.Valid(out) {
			t.Errorf("%s %X: %X is no UTF-8", name, b, out)
		}
	})
}
