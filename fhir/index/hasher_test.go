package index

import (
	"testing"

	"pgregory.net/rapid"
)

// TestKeysArePinned: they are stored, so they must never change.
func TestKeysArePinned(t *testing.T) {
	h := NewHasher(7)
	for name, c := range map[string]struct{ got, want int64 }{
		"token": {h.TokenCode("Patient", "gender", "male"), -1426465102743211932},
		"date":  {h.Param("Patient", "birthdate"), -6268648713223976448},
		"unit":  {int64(h.Unit("mg")), 187695832},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
}

func TestKeysOfTwoTenantsDiffer(t *testing.T) {
	if NewHasher(1).Param("A", "b") == NewHasher(2).Param("A", "b") {
		t.Error("the seed has no effect")
	}
}

// TestPartsDoNotRunTogether: where one part ends and the next begins makes a difference.
func TestPartsDoNotRunTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(1, 20, -1).Draw(t, "s")
		i, j := rapid.IntRange(0, len(s)).Draw(t, "i"), rapid.IntRange(0, len(s)).Draw(t, "j")
		var h Hasher
		if i != j && h.Key("T", "p", s[:i], s[i:]) == h.Key("T", "p", s[:j], s[j:]) {
			t.Fatalf("%q cut at %d and at %d", s, i, j)
		}
		if h.Key("T", "p", s) == h.Key("T", "p", s, "") {
			t.Fatal("an empty part is nothing")
		}
	})
}

func TestPreparedKeysAreTheSame(t *testing.T) {
	h, p := NewHasher(3), newParam("Patient", r4Param("Patient", "identifier"))
	if h.key(p.prefix, "sc", "a", "b") != h.UnderTokenSystem("Patient", "identifier", "a", "b") {
		t.Error("prefix")
	}
	if h.key(p.ident, "c", "b") != h.TokenCode("Patient", IdentifierParam("identifier"), "b") {
		t.Error("identifier prefix")
	}
}

func TestKeyDoesNotAllocate(t *testing.T) {
	h := NewHasher(1)
	if n := testing.AllocsPerRun(100, func() {
		h.Key("ExplanationOfBenefit", "identifier", "sc", "http://example.org/system", "code", "value")
	}); n > 0 {
		t.Error(n)
	}
}
