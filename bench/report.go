package bench

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Report is what was measured, and under what.
type Report struct {
	Machine    string   `json:"machine"`
	Database   string   `json:"database"`
	Durability string   `json:"durability"`
	Patients   int      `json:"patients"`
	Resources  int64    `json:"resources"`
	JSONBytes  int64    `json:"jsonBytes"` // of the resources, as JSON
	Seed       uint64   `json:"seed"`
	Slice      float64  `json:"sliceSeconds"`
	Rounds     int      `json:"rounds"`
	Contenders []Server `json:"contenders"`
	Rows       []Row    `json:"rows"`
}

// Server is a contender over the whole run. Memory and disk are in bytes, 0 and nil where nobody knows.
type Server struct {
	Name      string           `json:"name"`
	Start     float64          `json:"startSeconds"` // from the start of the process to the first answer
	Idle      int64            `json:"idleMemory"`
	Peak      int64            `json:"peakMemory"`
	Disk      map[string]int64 `json:"disk,omitempty"` // as loaded, by part
	DiskAtEnd int64            `json:"diskAtEnd"`
}

// Row is one workload.
type Row struct {
	Workload string   `json:"workload"`
	Clients  int      `json:"clients"`
	Unit     string   `json:"unit"`
	Goal     float64  `json:"goal,omitempty"` // least ratio of the first contender to the second
	Results  []Result `json:"results"`
}

// Result is one contender at one workload.
type Result struct {
	Name    string  `json:"name"`
	Rate    float64 `json:"rate"`  // units per second, median of the turns
	First   float64 `json:"first"` // the first contender's rate over this one's, median of neighbouring turns
	P50     float64 `json:"p50ms"`
	P99     float64 `json:"p99ms"`
	Written float64 `json:"writtenBytes,omitempty"` // to the disk or the log, for each unit
	Errors  int     `json:"errors"`
	Status  int     `json:"errorStatus,omitempty"` // of an answer that was no good
	Kinds   []Kind  `json:"kinds,omitempty"`       // slowest first
}

// Kind is the requests of one workload that should take alike.
type Kind struct {
	Name     string  `json:"name"`
	Requests int     `json:"requests"`
	P50      float64 `json:"p50ms"`
	P99      float64 `json:"p99ms"`
}

const slowest = 10

// slow lists the kinds of searches that took the first contender longest.
func (r Report) slow(p *printer) {
	var all []Kind
	for _, row := range r.Rows {
		if len(row.Results) > 0 && strings.HasPrefix(row.Workload, "search") {
			all = append(all, row.Results[0].Kinds...)
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(a, b Kind) int { return cmp.Compare(b.P50, a.P50) })
	p.line("\n%-64s %9s %9s %9s", "slowest searches of "+r.Contenders[0].Name, "requests", "p50 ms", "p99 ms")
	for _, k := range all[:min(slowest, len(all))] {
		p.line("%-64s %9d %9.2f %9.2f", k.Name, k.Requests, k.P50, k.P99)
	}
}

// Errors counts the bad answers of all.
func (r Report) Errors() (n int) {
	for _, row := range r.Rows {
		for _, one := range row.Results {
			n += one.Errors
		}
	}
	return n
}

func (r *Report) finish(contenders []Contender) error {
	for i, c := range contenders {
		_, r.Contenders[i].Peak = c.memory()
		if c.Disk == nil {
			continue
		}
		parts, err := c.Disk()
		if err != nil {
			return err
		}
		for _, n := range parts {
			r.Contenders[i].DiskAtEnd += n
		}
	}
	return nil
}

// Print writes the tables for people.
func (r Report) Print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s, durability %s, %s", r.Database, r.Durability, r.Machine)
	p.line("%d patients, %d resources (%s of JSON), seed %d; %d turns of %.1f s each, medians\n", r.Patients, r.Resources, size(r.JSONBytes), r.Seed, r.Rounds, r.Slice)
	p.line("%-17s %7s  %-18s %10s %8s %6s %9s %9s %8s %7s", "workload", "clients", "server", "per second", "ratio", "goal", "p50 ms", "p99 ms", "kB each", "errors")
	for _, row := range r.Rows {
		for i, one := range row.Results {
			p.result(row, i, one)
		}
	}
	p.line("")
	p.line("%-18s %9s %9s %9s %11s", "server", "start s", "idle", "peak", "disk at end")
	for _, c := range r.Contenders {
		if c.Peak == 0 {
			continue // not a process of its own, or of another machine
		}
		p.line("%-18s %9.2f %9s %9s %11s", c.Name, c.Start, size(c.Idle), size(c.Peak), size(c.DiskAtEnd))
	}
	r.parts(p)
	r.slow(p)
	return p.err
}

// result is one line; the ratio stands with what the first contender is compared with.
func (p *printer) result(row Row, i int, one Result) {
	name, clients, ratio, goal := "", "", "", ""
	if i == 0 {
		name, clients = row.Workload, fmt.Sprint(row.Clients)
	} else {
		ratio = fmt.Sprintf("%.2f", one.First)
	}
	if i == 1 && row.Goal > 0 {
		goal = fmt.Sprintf("%.2f", row.Goal)
	}
	written := ""
	if one.Written > 0 {
		written = fmt.Sprintf("%.1f", one.Written/1e3)
	}
	p.line("%-17s %7s  %-18s %10.0f %8s %6s %9.2f %9.2f %8s %7d", name, clients, one.Name, one.Rate, ratio, goal, one.P50, one.P99, written, one.Errors)
}

// parts says what the first contender's database is made of, as loaded.
func (r Report) parts(p *printer) {
	if len(r.Contenders) == 0 || r.Contenders[0].Disk == nil {
		return
	}
	disk := r.Contenders[0].Disk
	var all []string
	for _, part := range slices.Sorted(maps.Keys(disk)) {
		all = append(all, fmt.Sprintf("%s %s (%.2f)", part, size(disk[part]), float64(disk[part])/max(1, float64(r.JSONBytes))))
	}
	p.line("\ndisk of %s as loaded, and as a share of the JSON: %s", r.Contenders[0].Name, strings.Join(all, ", "))
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, strings.TrimRight(format, " ")+"\n", args...); p.err == nil {
		p.err = err
	}
}

func size(n int64) string {
	switch {
	case n == 0:
		return "-"
	case n < 10<<20:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}
