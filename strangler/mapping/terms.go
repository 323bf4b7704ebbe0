package mapping

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// terms is a terminology map, read from a CSV file with the columns source, system, code, display and, where several
// sources share a code, alike: the sources marked "yes" there have their own text kept beside the code.
type terms struct {
	name   string
	at     place
	source map[string]*term
	back   map[string]*term // by system and code, of terms that are not alike to another
	list   []*term
}

type term struct {
	source, system, code, display string
	alike                         bool // another source has this code too, and is the one that the code goes back to
	at                            place
}

func (t *term) key() string { return t.system + "|" + t.code }

// coding is the term as a Coding.
func (t *term) coding() *fhir.Obj {
	o := fhir.NewObject()
	for _, m := range [][2]string{{"system", t.system}, {"code", t.code}, {"display", t.display}} {
		if m[1] != "" {
			o.Set(m[0], m[1])
		}
	}
	return o
}

// concept is the term as a CodeableConcept.
func (t *term) concept() *fhir.Obj {
	return fhir.NewObject().Set("coding", (&fhir.List{}).Add(t.coding()))
}

// readTerms reads a terminology map. Lines that begin with # are comments.
func readTerms(r *reader, name string, src []byte) *terms {
	t := &terms{name: name, at: place{r.file, 1, 1}, source: map[string]*term{}, back: map[string]*term{}}
	in := csv.NewReader(strings.NewReader(string(src)))
	in.Comment, in.FieldsPerRecord, in.ReuseRecord = '#', -1, true
	header, err := in.Read()
	if err != nil {
		r.csv(err)
		return t
	}
	columns := termColumns(r, header)
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t
		}
		if err != nil {
			r.csv(err)
			return t
		}
		t.add(r, columns, record, in)
	}
}

func (r *reader) csv(err error) {
	var e *csv.ParseError
	if errors.As(err, &e) {
		r.add(place{r.file, e.Line, e.Column}, "CSV: %s", e.Err)
		return
	}
	r.add(place{r.file, 1, 1}, "CSV: the file must begin with the line source,system,code,display")
}

// termColumns gives for each field of the file which part of a term it is.
func termColumns(r *reader, header []string) []string {
	known := []string{"source", "system", "code", "display", "alike"}
	columns := slices.Clone(header)
	for _, c := range columns {
		if !slices.Contains(known, c) {
			r.add(place{r.file, 1, 1}, "CSV: column %q is not known%s; columns are %s", c, near(c, known), strings.Join(known, ", "))
		}
	}
	for _, c := range []string{"source", "code"} {
		if !slices.Contains(columns, c) {
			r.add(place{r.file, 1, 1}, "CSV: column %q is missing", c)
		}
	}
	return columns
}

func (t *terms) add(r *reader, columns, record []string, in *csv.Reader) {
	line, _ := in.FieldPos(0)
	n := &term{at: place{r.file, line, 1}}
	if len(record) != len(columns) {
		r.add(n.at, "CSV: the line has %d fields, the first line %d", len(record), len(columns))
		return
	}
	for i, c := range columns {
		n.set(c, strings.Clone(record[i]))
	}
	t.take(r, n)
}

func (n *term) set(column, value string) {
	switch column {
	case "source":
		n.source = value
	case "system":
		n.system = value
	case "code":
		n.code = value
	case "display":
		n.display = value
	case "alike":
		n.alike = value == "yes"
	}
}

func (t *terms) take(r *reader, n *term) {
	if t.source[n.source] != nil {
		r.add(n.at, "%q stands twice in this map, first in line %d", n.source, t.source[n.source].at.line)
		return
	}
	t.source[n.source] = n
	t.list = append(t.list, n)
	if n.alike {
		return
	}
	if other := t.back[n.key()]; other != nil {
		r.add(n.at, "%q and %q have the same code, so there is no way back; write yes in the column alike of all but one of them", other.source, n.source)
		return
	}
	t.back[n.key()] = n
}
