package dump

import (
	"github.com/ficushealth/ficus/fault"
)

// target is the table that an INSERT fills.
type target struct {
	*entry
	columns  []int  // for each value of a row, its column
	given    []bool // for each column, whether rows give it
	partial  bool   // some columns are not given
	repeated Repeated
}

// Repeated says what becomes of a row whose key was there before.
type Repeated uint8

const (
	Refused Repeated = iota // INSERT: there is none, or the dump is broken
	Ignored                 // INSERT IGNORE: the first row counts
	Renewed                 // REPLACE: the last row counts
)

// insert reads an INSERT or REPLACE up to its first row.
func (r *Reader) insert(first string) error {
	r.w.pos += len(first)
	t := &target{}
	if first == "REPLACE" {
		t.repeated = Renewed
	}
	if err := r.insertOptions(t); err != nil {
		return err
	}
	if err := r.insertTable(t); err != nil {
		return err
	}
	r.into = t
	if err := r.insertColumns(t); err != nil {
		return err
	}
	w, err := r.bareWord()
	if err != nil {
		return err
	}
	if w != "VALUES" && w != "VALUE" {
		return r.fail(fault.Unsupported, "only INSERT ... VALUES is read")
	}
	return nil
}

// bareWord reads a word, "" if none stands here, in upper case.
func (r *Reader) bareWord() (string, error) {
	if err := r.blank(); err != nil {
		return "", err
	}
	w := r.firstWord()
	r.w.pos += len(w)
	return w, nil
}

func (r *Reader) insertOptions(t *target) error {
	for {
		if err := r.blank(); err != nil {
			return err
		}
		w := r.firstWord()
		switch w {
		case "IGNORE":
			t.repeated = Ignored
		case "INTO", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY":
		default:
			return nil
		}
		r.w.pos += len(w)
	}
}

func (r *Reader) insertTable(t *target) error {
	database := r.catalog.database
	name, ok, err := r.identifier()
	if err == nil && ok && r.w.starts(".") {
		r.w.pos++
		database = r.spelled(name)
		name, ok, err = r.identifier()
	}
	if err != nil {
		return err
	}
	if !ok {
		return r.fail(fault.Invalid, "INSERT names no table")
	}
	for _, spelling := range []string{r.spelled(name), name} {
		if t.entry = r.catalog.find(database, spelling); t.entry != nil {
			return nil
		}
	}
	if _, ok := r.session.client.Decode(nil, []byte(name)); !ok {
		return r.fail(fault.Invalid, "the name of a table is not valid in character set %s; if the dump does not say its own, give it (--charset)", r.session.client.Name)
	}
	return r.fail(fault.Invalid, "rows come for a table that was not created: %s.%s (a dump with --no-create-info cannot be read)", database, r.spelled(name))
}

// spelled is a name as UTF-8.
func (r *Reader) spelled(name string) string { return r.decodeDDL([]byte(name)) }

// identifier reads a name, quoted or not.
func (r *Reader) identifier() (name string, ok bool, err error) {
	if err := r.blank(); err != nil {
		return "", false, err
	}
	c, _ := r.w.peek()
	if c == '`' || c == '"' {
		return r.quotedName(c)
	}
	r.text = r.text[:0]
	for c, ok := r.w.peek(); ok && isWord(c) && len(r.text) < maxName; c, ok = r.w.peek() {
		r.text, r.w.pos = append(r.text, c), r.w.pos+1
	}
	return string(r.text), len(r.text) > 0, nil
}

const maxName = 1024 // bytes; MySQL allows 64 characters

func (r *Reader) quotedName(quote byte) (string, bool, error) {
	r.w.pos++
	r.text = r.text[:0]
	for len(r.text) < maxName {
		c, ok := r.w.peek()
		if !ok {
			return "", false, r.cut("a name is not closed")
		}
		r.w.pos++
		if c == quote {
			if c, ok = r.w.peek(); !ok || c != quote {
				return string(r.text), true, nil
			}
			r.w.pos++
		}
		r.text = append(r.text, c)
	}
	return "", false, r.fail(fault.Invalid, "a name is longer than %d bytes", maxName)
}
