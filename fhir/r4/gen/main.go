package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "compare the tables with what would be written, write nothing")
	data := flag.String("data", "", "folder of the suites; default $FICUS_SUITES or ../shared/data beside the repository")
	flag.Parse()
	if err := run(*data, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(data string, check bool) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	home := filepath.Join(root, "fhir", "r4")
	ids, err := readIDs(filepath.Join(home, "gen", "params.ids.txt"))
	if err != nil {
		return err
	}
	d, err := load(dataDir(root, data))
	if err != nil {
		return err
	}
	files, err := tables(d, ids)
	if err != nil {
		return err
	}
	if check {
		return compare(home, files)
	}
	return write(home, files)
}

// file is one table: its path below fhir/r4 and its content.
type file struct {
	path string
	text []byte
}

func tables(d *definitions, ids *paramIDs) ([]file, error) {
	types, err := typesTable(d)
	if err != nil {
		return nil, err
	}
	params, err := paramsTable(d, ids)
	if err != nil {
		return nil, err
	}
	return []file{
		{"tables/types.txt", types},
		{"tables/valuesets.txt", valueSetsTable(d)},
		{"tables/params.txt", params},
		{"tables/compartments.txt", compartmentsTable(d)},
		{"gen/params.ids.txt", ids.text()},
		{"tables/structures.ndjson.gz", packed(lines(d.canonicals.structures))},
		{"tables/terms.ndjson.gz", packed(lines(d.terms))},
	}, nil
}

func write(home string, files []file) error {
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(home, f.path), f.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func compare(home string, files []file) error {
	var stale []error
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(home, f.path))
		if err != nil {
			return err
		}
		if line := firstDifference(unpacked(have), unpacked(f.text)); line > 0 {
			stale = append(stale, fmt.Errorf("fhir/r4/%s differs from line %d on; run go run ./fhir/r4/gen", f.path, line))
		}
	}
	return errors.Join(stale...)
}

// firstDifference is the first line, from 1, in which a and b differ; 0 if they are equal.
func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	as, bs := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(as), len(bs)) {
		if !bytes.Equal(as[i], bs[i]) {
			return i + 1
		}
	}
	return min(len(as), len(bs)) + 1
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run it inside the repository: no go.mod above the current folder")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

func dataDir(root, flag string) string {
	if flag != "" {
		return flag
	}
	if dir := os.Getenv("FICUS_SUITES"); dir != "" {
		return dir
	}
	return filepath.Join(root, "..", "shared", "data")
}
