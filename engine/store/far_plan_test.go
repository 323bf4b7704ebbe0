package store

import (
	"strings"
	"testing"
)

// TestAnOrderByWhatIsReferredToGoesAlongTheValues wants the values in the order of their index, of each its referrers, and none of it
// sorted as a whole.
func TestAnOrderByWhatIsReferredToGoesAlongTheValues(t *testing.T) {
	d := planned(t)
	for _, desc := range []bool{false, true} {
		k := key{desc: desc, last: "", table: "ix_string", far: &far{7, "value", 8}}
		f := &finder{compiler: &compiler{from: d, index: 1}, keys: []key{k}, limit: 20, at: position{5, []any{"m"}}}
		st := newStatement(d.Dialect(), 1)
		source{walk: -1, collect: -1, along: &k}.alongFar(f, st, k)
		text := planOf(t, d, st.text().Postgres, st.args...)
		for _, part := range []string{"Presorted Key: o.value", "using ix_string_pkey on ix_string o", "(target = o.rid) AND (hash = '7'::bigint))"} {
			if !strings.Contains(text, part) {
				t.Errorf("no %s:\n%s", part, text)
			}
		}
	}
}
