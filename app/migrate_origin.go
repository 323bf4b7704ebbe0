package app

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ficushealth/ficus/packs/opal"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source/dump"
	"github.com/ficushealth/ficus/strangler/source/dump/stage"
)

// origin says what is moved, and how it is read.
type origin struct {
	Pack     string `help:"Mapping: the name of a ready one (opal), or the folder of your own." required:"" placeholder:"NAME|FOLDER"`
	Source   string `help:"What is moved: dump:PATH, a file of mysqldump or mariadb-dump, plain, .gz or .zst." required:"" placeholder:"dump:PATH"`
	StageDir string `help:"Folder in which the rows of the dump are kept in order while it is moved and proved, sealed under a key of the database. It may be removed between two commands: what is missing is read from the dump again. Empty: ficus-stage beside the SQLite file, or here." placeholder:"FOLDER"`
	Charset  string `help:"Character set of a dump that does not say it." placeholder:"NAME"`

	SourceDatabase string `help:"Database of the dump's tables, where the dump has no USE: one made without --databases. Empty: the one that its first comment names." placeholder:"NAME"`
}

// noOrigin takes the flags of origin where they are not needed, so that one set of flags works for all commands of a move.
type noOrigin struct {
	noAddress
	Pack     string `help:"Not needed here; taken so that the flags of ficus migrate run can be given." placeholder:"NAME|FOLDER"`
	Source   string `help:"Not needed here; see --pack." placeholder:"dump:PATH"`
	StageDir string `help:"Not needed here; see --pack." placeholder:"FOLDER"`
	Charset  string `help:"Not needed here; see --pack." placeholder:"NAME"`

	SourceDatabase string `help:"Not needed here; see --pack." placeholder:"NAME"`
}

// legacy is an opened origin.
type legacy struct {
	name     string // of the pack
	pack     *mapping.Pack
	problems []mapping.Problem // between pack and source
	golden   []mapping.Example
	stage    *stage.Stage
}

// stageKeys are those of a database that is there and in use; without it nothing is made, nothing fails, and the rows are
// kept under a key that nobody has afterwards (see keep).
func stageKeys(ctx context.Context, p Place) stage.Keys {
	a, err := readAt(ctx, p)
	if err != nil {
		return nil
	}
	defer a.Close()
	sealer, err := a.Vault.Sealer(ctx, a.Tenant)
	if err != nil {
		return nil
	}
	return sealer
}

// keep lets the rows of the dump be read again by who has the keys of the database.
func (a *Tenancy) keep(ctx context.Context, l *legacy) error {
	sealer, err := a.Vault.Sealer(ctx, a.Tenant)
	if err != nil {
		return err
	}
	return l.stage.Keep(sealer)
}

// open reads the pack, and the dump unless it was read before.
func (o origin) open(ctx context.Context, s *Streams, p Place) (*legacy, error) {
	l, err := openPack(o.Pack)
	if err != nil {
		return nil, err
	}
	path, isDump := strings.CutPrefix(o.Source, "dump:")
	if !isDump {
		return nil, usage("--source must be dump:PATH; other kinds of sources are not served yet")
	}
	bar := newBar(s, "reading the dump", "bytes")
	l.stage, err = stage.Build(ctx, path, o.stageDir(p.Database), wants(l.pack), dump.Options{Charset: o.Charset, Database: o.SourceDatabase}, stageKeys(ctx, p), bar.set)
	bar.end()
	if err != nil {
		return nil, err
	}
	tables, err := l.stage.Tables(ctx)
	if err != nil {
		return nil, err
	}
	l.pack, l.problems = l.pack.Bind(tables)
	return l, nil
}

func (l *legacy) close() {
	_ = l.stage.Close() // it was only read
}

func (o origin) stageDir(d Database) string {
	path, isFile := strings.CutPrefix(d.withDefaults().DB, "sqlite:")
	if !isFile || path == ":memory:" {
		path = ""
	}
	return cmp.Or(o.StageDir, filepath.Join(filepath.Dir(path), "ficus-stage"))
}

// openPack finds a ready pack by name, or reads one from its folder.
func openPack(name string) (*legacy, error) {
	if name == "opal" {
		pack, err := opal.Pack()
		if err != nil {
			return nil, err
		}
		golden, err := opal.Golden()
		return &legacy{name: "opal", pack: pack, golden: golden}, err
	}
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		return nil, usage("there is no pack %q: name a ready one (opal), or the folder of your own", name)
	}
	return readPack(os.DirFS(name))
}

func readPack(files fs.FS) (*legacy, error) {
	pack, err := mapping.Load(files, ".")
	if err != nil {
		return nil, err
	}
	golden, err := mapping.Examples(files, "golden")
	return &legacy{name: pack.Name(), pack: pack, golden: golden}, err
}

// wants are the tables to be staged.
func wants(p *mapping.Pack) (list []stage.Want) {
	for _, w := range p.Wants() {
		want := stage.Want{Table: w.Table}
		for _, by := range w.By {
			want.By = append(want.By, stage.Lookup{Columns: by.Columns, Order: by.Order})
		}
		list = append(list, want)
	}
	return list
}
