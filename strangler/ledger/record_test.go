package ledger

import "testing"

func TestFingerprintsTellRecordsApart(t *testing.T) {
	text := func(s string) *string { return &s }
	h := NewHasher([32]byte{1})
	one := h.Record("m.T", "1", map[string]*string{"a": text("x"), "b": nil})
	if one != h.Record("m.T", "1", map[string]*string{"a": text("x")}) {
		t.Error("NULL is not as if it were not given")
	}
	seen := map[Leaf]int{one: -1, NewHasher([32]byte{2}).Record("m.T", "1", map[string]*string{"a": text("x")}): -2}
	for i, r := range []struct {
		typ, id string
		values  map[string]*string
	}{
		{"m.U", "1", map[string]*string{"a": text("x")}},
		{"m.T", "2", map[string]*string{"a": text("x")}},
		{"m.T", "1", map[string]*string{"b": text("x")}},
		{"m.T", "1", map[string]*string{"a": text("")}},
		{"m.T", "1", map[string]*string{"a": text("x"), "b": text("")}},
		{"m.T", "1", map[string]*string{"ax": text("")}},
		{"m.T", "1", nil},
		{"m.T1", "", nil},
	} {
		leaf := h.Record(r.typ, r.id, r.values)
		if other, twice := seen[leaf]; twice {
			t.Errorf("record %d has the fingerprint of %d", i, other)
		}
		seen[leaf] = i
	}
}
