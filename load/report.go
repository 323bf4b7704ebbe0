package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Report is what became of a load.
type Report struct {
	Files    int
	Bytes    int64 // as the files lie on disk
	Took     time.Duration
	Types    map[string]*Counts
	Failures []Failure // a transaction that failed counts once here, and each of its entries under Types
}

// Counts counts the resources of one type.
type Counts struct{ Created, Updated, Unchanged, Failed int }

func newReport() *Report { return &Report{Types: map[string]*Counts{}} }

func (r *Report) of(kind string) *Counts {
	if r.Types[kind] == nil {
		r.Types[kind] = &Counts{}
	}
	return r.Types[kind]
}

func (r *Report) add(kind string, e Effect) {
	c := r.of(kind)
	switch e {
	case Created:
		c.Created++
	case Updated:
		c.Updated++
	case Unchanged:
		c.Unchanged++
	}
}

func (r *Report) failed(kind string) {
	if kind == "" {
		kind = "(not readable)"
	}
	r.of(kind).Failed++
}

// Stored counts the resources that are in, by whatever effect.
func (r *Report) Stored() int {
	n := 0
	for _, c := range r.Types {
		n += c.Created + c.Updated + c.Unchanged
	}
	return n
}

// Print writes a table of the types and a line with the sum.
func (r *Report) Print(out io.Writer) error {
	kinds := slices.Sorted(maps.Keys(r.Types))
	if len(kinds) > 0 {
		fmt.Fprintf(out, "%-28s %10s %10s %10s %10s\n", "type", "created", "updated", "unchanged", "failed") //nolint:errcheck // the last line says it
	}
	for _, k := range kinds {
		c := r.Types[k]
		fmt.Fprintf(out, "%-28s %10d %10d %10d %10d\n", k, c.Created, c.Updated, c.Unchanged, c.Failed) //nolint:errcheck // the last line says it
	}
	n := r.Stored()
	_, err := fmt.Fprintf(out, "%d resources from %d files in %s (%.0f/s); %d failures\n",
		n, r.Files, r.Took.Round(time.Millisecond), float64(n)/max(r.Took.Seconds(), 1e-9), len(r.Failures))
	return err
}
