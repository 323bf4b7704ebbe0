package mapping

import (
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// version of the mapping language. It is part of Pack.Hash, so that a change of meaning shows.
const version = "ficus mapping 1"

// Pack is a set of maps for one legacy system. It is safe for concurrent use.
type Pack struct {
	name       string // of the legacy system, part of every id
	about      string
	zone       text
	keep       bool   // what does not fit is kept beside the element unless a rule says otherwise
	extensions string // base of the urls of extensions
	at         place
	hash       string
	specs      []*mapSpec
	terms      map[string]*terms
	schema     schema // the tables for which the pack was written

	maps        []*Map
	definitions []Definition
}

// Load reads the pack in dir: pack.yaml, schema.yaml with the tables for which it was written, every other .yaml file as a
// map, and the terminology maps in terms/*.csv. The pack is ready for those tables; Bind makes it ready for a source. The
// error is fault.Invalid and names every mistake by file, line and column.
func Load(fsys fs.FS, dir string) (*Pack, error) {
	l := loader{fsys: fsys, pack: &Pack{terms: map[string]*terms{}}, hash: blake3.New()}
	if err := l.load(dir); err != nil {
		return nil, err
	}
	if err := Refuse(l.sorted()); err != nil {
		return nil, err
	}
	bound, list := l.pack.Bind(l.pack.schema.tables)
	return bound, Refuse(list)
}

type loader struct {
	problems
	fsys fs.FS
	pack *Pack
	hash *blake3.Hasher
}

func (l *loader) load(dir string) error {
	l.feed("version", []byte(version))
	files, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		return fault.New(fault.Invalid, "the pack cannot be read: %v", err)
	}
	for _, f := range files {
		if f.IsDir() || path.Ext(f.Name()) != ".yaml" {
			continue
		}
		if err := l.file(path.Join(dir, f.Name()), f.Name()); err != nil {
			return err
		}
	}
	return l.loadTerms(path.Join(dir, "terms"))
}

func (l *loader) loadTerms(dir string) error {
	files, err := fs.Glob(l.fsys, path.Join(dir, "*.csv"))
	if err != nil {
		return fault.New(fault.Invalid, "the terminology maps cannot be read: %v", err)
	}
	for _, f := range files {
		if err := l.file(f, path.Join("terms", path.Base(f))); err != nil {
			return err
		}
	}
	l.pack.hash = "blake3:" + hex.EncodeToString(l.hash.Sum(nil))
	if l.pack.name == "" {
		l.add(place{file: "pack.yaml"}, "the pack has no pack.yaml, or no name in it")
	}
	return nil
}

// file reads one file; name is what messages call it.
func (l *loader) file(from, name string) error {
	src, err := fs.ReadFile(l.fsys, from)
	if err != nil {
		return fault.New(fault.Invalid, "the pack cannot be read: %v", err)
	}
	l.feed(name, src)
	r := &reader{file: name, problems: &l.problems}
	switch {
	case name == "pack.yaml":
		l.pack.read(r, src)
	case name == "schema.yaml":
		l.pack.schema = readSchema(r, src)
	case path.Ext(name) == ".csv":
		t := strings.TrimSuffix(path.Base(name), ".csv")
		l.pack.terms[t] = readTerms(r, t, src)
	default:
		if m := readMap(r, src); m != nil {
			l.pack.specs = append(l.pack.specs, m)
		}
	}
	return nil
}

// feed takes a name and content, each with its length, into the pack's hash.
func (l *loader) feed(name string, content []byte) {
	for _, b := range [][]byte{[]byte(name), content} {
		_, _ = l.hash.Write(binary.AppendUvarint(nil, uint64(len(b))))
		_, _ = l.hash.Write(b)
	}
}

func (p *Pack) read(r *reader, src []byte) {
	o := r.parse(src, "pack", "about", "zone", "invalid", "extensions")
	if o.broken {
		return
	}
	p.at, p.name, p.about, p.zone = o.at, o.need("pack").s, o.text("about").s, o.text("zone")
	p.keep = o.choice("invalid", "quarantine", "as-is").s == "as-is"
	p.extensions = o.need("extensions").s
}

// Name is the name of the legacy system.
func (p *Pack) Name() string { return p.name }

// Hash names the content: "blake3:" and the hash of files, terms and version of the language in hex.
func (p *Pack) Hash() string { return p.hash }

// Tables are the tables for which the pack was written.
func (p *Pack) Tables() []*source.Table { return p.schema.tables }

// Maps are the maps in an order in which a map stands behind those that it refers to, where that is possible.
func (p *Pack) Maps() []*Map { return p.maps }

// Map finds a map by name, nil if there is none.
func (p *Pack) Map(name string) *Map {
	for _, m := range p.maps {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Extensions are the extensions that the pack may write, sorted by url.
func (p *Pack) Extensions() []Definition { return p.definitions }

// Definition is an extension of the pack.
type Definition struct {
	URL     string
	Type    string // of the value; "Extension" for one with parts
	Context string // the element it extends: "Patient", "Patient.birthDate"
	Text    string // what it holds
}

// Covered says which map accounts for the rows of a table.
type Covered struct {
	Table string // "OpalDB.Patient"
	Map   string
	Child string // name of the join if the rows are children of the map's rows; "" for a root
}

// Covered are the tables that the pack accounts for, each once.
func (p *Pack) Covered() (list []Covered) {
	for _, m := range p.maps {
		list = append(list, Covered{Table: m.Table, Map: m.Name})
		for _, j := range m.Joins {
			if j.Owned {
				list = append(list, Covered{Table: j.Table, Map: m.Name, Child: j.Name})
			}
		}
	}
	return list
}

// Want is a table to be read.
type Want struct {
	Table string
	Root  bool   // rows are asked for in the order of the key
	By    []Find // and found by these columns
}

// Find says by which columns rows are found and in which order they come.
type Find struct{ Columns, Order []string }

// Wants are all tables that must be read, covered or looked at, with the columns by which their rows are found.
func (p *Pack) Wants() []Want {
	var list []Want
	at := map[string]int{}
	want := func(table string) *Want {
		if _, ok := at[table]; !ok {
			at[table] = len(list)
			list = append(list, Want{Table: table})
		}
		return &list[at[table]]
	}
	for _, m := range p.maps {
		want(m.Table).Root = true
		for _, j := range m.Joins {
			w := want(j.Table)
			w.By = append(w.By, Find{j.Columns, j.Order})
		}
	}
	return list
}

// runs are used again, because a row needs some kilobytes of working memory.
func newPool() *sync.Pool { return &sync.Pool{New: func() any { return new(run) }} }
