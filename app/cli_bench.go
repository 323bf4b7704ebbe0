package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/bench"
	"github.com/ficushealth/ficus/bench/synth"
	"github.com/ficushealth/ficus/fault"
)

type benchCommand struct {
	Run benchRun `cmd:"" default:"withargs" help:"Measure: fill two databases, start the servers, let them take turns."`
	Raw benchRaw `cmd:"" hidden:"" help:"Serve the raw limit on a filled database."`
}

// benchRun fills a database, copies it, starts Ficus on the one and the raw limit on the other, and measures both in turns.
type benchRun struct {
	DB         string        `name:"db" help:"sqlite, or the URL of a PostgreSQL server whose user may create databases; ficus_bench and ficus_bench_raw are made there, and dropped." default:"sqlite" placeholder:"URL" env:"-"`
	Patients   int           `help:"Patients in the database, about 150 resources each; 600 is the size 1x of the goals." default:"60"`
	Time       time.Duration `help:"Time for measuring, beside that for filling the databases." default:"1m"`
	Rounds     int           `help:"Turns of each server at each workload; medians are reported." default:"3"`
	Only       []string      `help:"Workloads to run, by the beginning of their names: create, update, read, search, import." placeholder:"NAME"`
	Readers    []int         `help:"Readers at the same time; several are measured one after the other, searches with the first." default:"16,64"`
	Writers    []int         `help:"Writers at the same time; several are measured one after the other." default:"16,64"`
	Against    []string      `help:"Another FHIR server that takes its turns too; it is loaded with the same patients first. May be given several times." placeholder:"NAME=URL[,TOKEN]" sep:"none"`
	Durability string        `help:"When a write counts as done: full, normal, off." enum:"full,normal,off" default:"full"`
	Seed       uint64        `help:"Seed of the made-up patients and of the order of requests." default:"1"`
	JSON       string        `name:"json" help:"Write the report to this file too." placeholder:"FILE" env:"-"`
	Dir        string        `help:"Folder for the SQLite files; empty: a temporary one, removed at the end." placeholder:"DIR" env:"-"`
}

// Help is shown by --help.
func (c *benchRun) Help() string {
	return `The raw limit is a bare net/http server that carries out the bare SQL for the same rows, with the same durability and shared commits, and nothing else. The ratio is the rate of Ficus over that of the server in the line, measured in neighbouring turns.`
}

// Run measures.
func (c *benchRun) Run(ctx context.Context, s *Streams) (err error) {
	stage := &benchStage{c: c, s: s, world: synth.New(c.Seed)}
	if err := stage.check(); err != nil {
		return err
	}
	defer func() { err = stage.clear(err) }()
	contenders, err := stage.set(ctx)
	if err != nil {
		return err
	}
	bar := newBar(s, "measuring", "workloads")
	r, err := bench.Run(ctx, contenders, bench.Plan{Workloads: c.workloads(stage.data), Time: c.Time, Rounds: c.Rounds, Seed: c.Seed, Progress: func(name string, done, of int) {
		bar.rename("measuring, " + name)
		bar.set(int64(done), int64(of))
	}})
	bar.end()
	if err != nil {
		return err
	}
	stage.describe(&r)
	if err := r.Print(s.Out); err != nil {
		return err
	}
	return c.conclude(r)
}

func (c *benchRun) workloads(d *bench.Data) []bench.Workload {
	return slices.DeleteFunc(d.Workloads(c.Readers, c.Writers), func(w bench.Workload) bool {
		return len(c.Only) > 0 && !slices.ContainsFunc(c.Only, func(o string) bool { return strings.HasPrefix(w.Name, o) })
	})
}

// conclude writes the file and fails if there was an error: a figure that holds errors is none.
func (c *benchRun) conclude(r bench.Report) error {
	if c.JSON != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if n := r.Errors(); n > 0 {
		return fault.New(fault.Internal, "%d requests were answered wrongly, so the figures do not count", n)
	}
	return nil
}

func (b *benchStage) describe(r *bench.Report) {
	r.Machine = fmt.Sprintf("%d CPUs, %s %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	r.Database, r.Durability, r.Patients, r.Seed = b.database(), b.c.Durability, b.c.Patients, b.c.Seed
	r.Resources, r.JSONBytes = b.resources, b.bytes
	r.Contenders[0].Disk = b.disk
}
