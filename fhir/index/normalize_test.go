package index

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormalize(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "abc": "abc", "ABC": "abc", " a  b\t\nc ": "a b c", "Zürich": "zurich", "Łódź": "lodz", "ØRSTED": "orsted", "Đặng": "dang", "Ægir": "aegir", "Œuvre": "oeuvre", "Þór Guðni": "thor gudni", "Yıldız": "yildiz", "ＡＢｃ１": "abc1", "ﬁn": "fin", "ẞ": "ss", "Ħ": "h", "Ŧ": "t", "ǿ": "o", "Ǣ": "ae", "STRASSE": "strasse", "Straße": "strasse",
		"e\u0301": "e", "Å": "a", "ΣΊΣΥΦΟΣ": "σισυφοσ", "İ": "i", "a\u00a0b": "a b", "\u212a": "k", "Ꭰ": "ꭰ", "ꭰ": "ꭰ", "日本 語": "日本 語", "O'Neil-Smith": "o'neil-smith", "\u0301": "",
	} {
		if got := Normalize(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// TestNormalizeIsStable: normal text stays, case and marks make no difference.
func TestNormalizeIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		n := Normalize(s)
		if again := Normalize(n); again != n {
			t.Fatalf("%q is %q, and that %q", s, n, again)
		}
		if strings.TrimSpace(n) != n || strings.Contains(n, "  ") {
			t.Fatalf("%q keeps its blanks: %q", s, n)
		}
		ascii := rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "ascii")
		if a, b := Normalize(strings.ToUpper(ascii)), Normalize(strings.ToLower(ascii)); a != b {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

// The form of each single letter is a form, and the same for all cases of it.
func TestNormalizeIsStableForEveryLetter(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		n := Normalize(string(r))
		if again := Normalize(n); again != n {
			t.Errorf("%q is %q, and that %q", r, n, again)
		}
	}
}

func TestNormalizeOfNormalTextDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Normalize("ada maria ng") }); n > 0 {
		t.Error(n)
	}
}

func TestCutKeepsRunesWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(200, 400, -1).Draw(t, "s")
		got := Cut(s)
		if len(got) > MaxString || !strings.HasPrefix(s, got) || !utf8.ValidString(got) || len(s) > MaxString && len(got) < MaxString-3 {
			t.Fatalf("%q is cut to %q", s, got)
		}
	})
}
