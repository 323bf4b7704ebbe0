package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestCodesOfOneTextStayTogether: what ends a portion of a list is not between codes that have one text in it, both ways.
func TestCodesOfOneTextStayTogether(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		list := func(hash int64, texts ...string) {
			for i, text := range texts {
				if _, err := d.Exec(t.Context(), db.Text{SQLite: addValue.SQLite, Postgres: addValue.SQLite}, int32(1), hash, int64(i), text); err != nil {
					t.Fatal(err)
				}
			}
		}
		list(7, "a", "b", "b", "b", "c", "d", "d")
		list(8, slices.Repeat([]string{"e"}, 3*mostAlike)...)
		walk := func(list int64, desc bool, span int) *codeWalk {
			c := &compiler{s: &Store{db: d}, k: &tenantKeys{tenant: 1}, from: d}
			return &codeWalk{finder: finder{compiler: c, ctx: t.Context(), keys: []key{{list: list, desc: desc}}}, span: span}
		}
		for _, desc := range []bool{false, true} {
			for span := range 5 {
				w := walk(7, desc, span+1)
				var got []string
				for n := 0; !w.whole && n < 9; n++ {
					codes, last, err := w.codes()
					if err != nil {
						t.Fatal(err)
					}
					part := map[string]int{}
					for _, c := range codes {
						part[c.text]++
					}
					for text, n := range part {
						got = append(got, fmt.Sprint(text, n))
					}
					w.move(codes, last, nil, 0)
					w.span = span + 1
				}
				if slices.Sort(got); !slices.Equal(got, []string{"a1", "b3", "c1", "d2"}) {
					t.Errorf("%d at a time, descending %t: %v", span+1, desc, got)
				}
			}
		}
		if _, _, err := walk(8, false, 1).codes(); !errors.Is(err, errAlike) {
			t.Error(err)
		}
	})
}
