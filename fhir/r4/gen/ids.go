package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// paramIDs is the list of search parameter numbers. A number, once given, is in databases: lines are added, never changed.
type paramIDs struct {
	urls []string // urls[i] has number i+1
	ids  map[string]int
}

func readIDs(name string) (*paramIDs, error) {
	ids := &paramIDs{ids: map[string]int{}}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return ids, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		id, url, _ := strings.Cut(line, "\t")
		if id != strconv.Itoa(i+1) || url == "" || ids.of(url) != i+1 {
			return nil, fmt.Errorf("%s: line %d: want the number %d and a new url", name, i+1, i+1)
		}
	}
	return ids, nil
}

// of is the number of a parameter; a new one gets the next.
func (p *paramIDs) of(url string) int {
	if id, ok := p.ids[url]; ok {
		return id
	}
	p.urls = append(p.urls, url)
	p.ids[url] = len(p.urls)
	return len(p.urls)
}

func (p *paramIDs) text() []byte {
	var b bytes.Buffer
	for i, url := range p.urls {
		fmt.Fprintf(&b, "%d\t%s\n", i+1, url)
	}
	return b.Bytes()
}
