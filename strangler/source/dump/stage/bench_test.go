package stage

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// results writes a dump of n rows in the shape of laboratory results, three in a statement.
func results(b *testing.B, n int) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "dump.sql")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "CREATE TABLE result (id bigint NOT NULL, grp int, expr int, patient int, flag varchar(10), collected datetime, low float, high float, span varchar(30), number float, value varchar(255), unit varchar(40), added datetime, readby longtext, updated timestamp, PRIMARY KEY (id)) DEFAULT CHARSET=latin1;\n")
	for i := range n {
		sep := ",\n"
		if i%1000 == 0 {
			sep = "INSERT INTO `result` VALUES\n"
		}
		end := ""
		if i%1000 == 999 || i == n-1 {
			end = ";\n"
		}
		fmt.Fprintf(w, "%s(%d,9,%d,%d,'H','2023-01-04 20:59:00',0.9,1.1,'0.90-1.10',%d.%d,'%d.%d','µmol/L','2023-01-05 10:37:27','[\\\"QXmz5ANVN3Qp9ktMlqm2tJ2YYBz2\\\"]','2026-11-20 23:39:44')%s", sep, i, i%400, i/100, i%7, i%10, i%7, i%10, end)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

func BenchmarkRead(b *testing.B) {
	const rows = 200_000
	path, size := results(b, rows)
	b.SetBytes(size)
	for b.Loop() {
		r, err := dump.Open(path, dump.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range r.Rows() {
			if err != nil {
				b.Fatal(err)
			}
		}
		r.Close()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkBuild(b *testing.B) {
	const rows = 200_000
	path, size := results(b, rows)
	b.SetBytes(size)
	for b.Loop() {
		s, err := Build(b.Context(), path, b.TempDir(), []Want{{Table: "result", By: []Lookup{{Columns: []string{"patient"}, Order: []string{"collected"}}}}}, dump.Options{}, testKeys{7}, nil)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRows(b *testing.B) {
	const rows = 200_000
	path, _ := results(b, rows)
	s, err := Build(b.Context(), path, b.TempDir(), []Want{{Table: "result"}}, dump.Options{}, testKeys{7}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Tables(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, err := range s.Rows(b.Context(), tables[0], source.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
