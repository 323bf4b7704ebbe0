package main

import (
	"bytes"
	"compress/bzip2"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("out", "samples", "folder to write to")
	most := flag.Int("most", 1000, "resources of one type to take from one bundle")
	flag.Parse()
	if err := run(flag.Args(), *out, *most); err != nil {
		fmt.Fprintln(os.Stderr, "samples:", err)
		os.Exit(1)
	}
}

func run(files []string, out string, most int) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	n, total := 0, 0
	for _, name := range files {
		samples, err := read(name, most)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, s := range samples {
			if err := os.WriteFile(filepath.Join(out, fmt.Sprintf("%06d.json", n)), s, 0o644); err != nil {
				return err
			}
			n, total = n+1, total+len(s)
		}
	}
	fmt.Printf("%d resources, %d bytes\n", n, total)
	return nil
}

type bundle struct {
	Entry []struct {
		FullURL  string
		Resource json.RawMessage
	}
}

func read(name string, most int) ([][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".bz2") {
		r = bzip2.NewReader(f)
	}
	var b bundle
	if err := json.NewDecoder(r).Decode(&b); err != nil {
		return nil, err
	}
	return b.samples(most)
}

// longest is the size from which a resource needs no dictionary.
const longest = 64 << 10

// samples takes at most so many resources of each type, so that the frequent types do not crowd out the rest.
func (b bundle) samples(most int) ([][]byte, error) {
	resolved, err := b.references()
	if err != nil {
		return nil, err
	}
	taken := map[string]int{}
	var all [][]byte
	for _, e := range b.Entry {
		stored, resourceType, err := store(e.Resource)
		if err != nil {
			return nil, err
		}
		if taken[resourceType]++; taken[resourceType] <= most && len(stored) <= longest {
			all = append(all, []byte(resolved.Replace(string(stored))))
		}
	}
	return all, nil
}

func (b bundle) references() (*strings.Replacer, error) {
	var pairs []string
	for _, e := range b.Entry {
		var r struct{ ResourceType, ID string }
		if err := json.Unmarshal(e.Resource, &r); err != nil {
			return nil, err
		}
		if strings.HasPrefix(e.FullURL, "urn:uuid:") {
			pairs = append(pairs, e.FullURL, r.ResourceType+"/"+r.ID)
		}
	}
	return strings.NewReplacer(pairs...), nil
}

// store writes the version into meta, where the store does.
func store(raw json.RawMessage) (stored []byte, resourceType string, err error) {
	var r struct{ ResourceType string }
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, "", err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, "", err
	}
	const version = `"meta":{"versionId":"1","lastUpdated":"2026-01-31T12:34:56.789Z"`
	text := compact.String()
	if at := strings.Index(text, `"meta":{`); at >= 0 {
		return []byte(text[:at] + version + "," + text[at+len(`"meta":{`):]), r.ResourceType, nil
	}
	head := `{"resourceType":"` + r.ResourceType + `",`
	return []byte(head + version + "}," + strings.TrimPrefix(text, head)), r.ResourceType, nil
}
