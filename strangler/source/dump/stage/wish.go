package stage

import (
	"strings"

	"github.com/ficushealth/ficus/strangler/source"
)

// wishes are the wanted tables. MySQL writes the names of databases and tables in small letters on some systems
// (lower_case_table_names), so a table whose name differs from a wish in upper and lower case only is taken for it, unless
// another one is meant as well.
type wishes struct {
	exact  map[string]Want
	folded map[string][]Want // by name in small letters
}

func newWishes(wants []Want) wishes {
	w := wishes{map[string]Want{}, map[string][]Want{}}
	for _, want := range wants {
		w.exact[want.Table] = want
		small := strings.ToLower(want.Table)
		w.folded[small] = append(w.folded[small], want)
	}
	return w
}

// of is the wish that a table may fulfil.
func (w wishes) of(t *source.Table) (want Want, ok bool) {
	if want, ok = w.exact[t.String()]; ok {
		return want, true
	}
	alike := w.folded[strings.ToLower(t.String())]
	if len(alike) != 1 {
		return want, false
	}
	_, err := finds(t, alike[0].By)
	return alike[0], err == nil
}

// named gives the tables that fulfil a wish its name. Where several could, none that is named otherwise does.
func (w wishes) named(tables []*source.Table) (list []*source.Table) {
	count := map[string]int{}
	for _, t := range tables {
		if want, ok := w.of(t); ok {
			count[want.Table]++
		}
	}
	for _, t := range tables {
		if want, ok := w.of(t); ok && count[want.Table] == 1 && want.Table != t.String() {
			t = t.With(func(t *source.Table) { t.Database, t.Name, _ = strings.Cut(want.Table, ".") })
		}
		list = append(list, t)
	}
	return list
}
