package synth

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"
)

// Options say how much is written. The zero value is a dump of 200 patients.
type Options struct {
	Patients     int       // patients, not counting stand-ins of caregivers; default 200
	Seed         uint64    // other seeds, other people
	Now          time.Time // the day of the dump; default 2026-01-15 12:00 UTC
	Results      int       // laboratory results of a patient on the average; default 100
	Appointments int       // appointments of a patient on the average; default 15
}

// Manifest says what a dump holds.
type Manifest struct {
	Rows    map[string]int64 // current rows by table: "OpalDB.Patient"
	History map[string]int64 // old versions of rows, of tables that keep them
	Traps   map[Trap]int64   // rows in which a trap is set; a row may hold several
}

// Covered are the tables that the Opal pack accounts for.
func Covered() []string {
	var names []string
	for _, t := range tables() {
		if t.covered {
			names = append(names, t.database+"."+t.name)
		}
	}
	return names
}

// Dump writes a dump.
func Dump(w io.Writer, opt Options) (Manifest, error) {
	opt = opt.withDefaults()
	g := &generator{out: newOut(w), opt: opt}
	g.out.head()
	database := ""
	for _, t := range tables() {
		if t.database != database {
			database = t.database
			g.out.database(database)
		}
		g.out.begin(t)
		t.fill(g)
		g.out.end(t)
	}
	g.out.tail(opt.Now)
	return g.out.manifest, g.out.close()
}

func (o Options) withDefaults() Options {
	if o.Patients == 0 {
		o.Patients = 200
	}
	if o.Results == 0 {
		o.Results = 100
	}
	if o.Appointments == 0 {
		o.Appointments = 15
	}
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	}
	return o
}

// generator knows what all tables share. People are made from their numbers whenever they are needed, so that memory does
// not grow with their number.
type generator struct {
	*out
	opt Options
}

// firstPatient is the serial number of the first patient; the stand-ins of caregivers follow the last one.
const firstPatient = 51

func (g *generator) caregivers() int { return (g.opt.Patients + 5) / 7 }

// missing is a serial number that no patient has.
func (g *generator) missing() int { return firstPatient + g.opt.Patients + g.caregivers() + 1000 }

// chance is the source of chance for thing n of a kind: the same for the same seed, whatever else was asked before.
func (g *generator) chance(kind string, n int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(kind)) // a hash never fails
	return rand.New(rand.NewPCG(g.opt.Seed^h.Sum64(), uint64(n)))
}
