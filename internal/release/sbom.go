package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// billOfMaterials lists what is in a program's file, as the compiler has recorded it in the file itself, in CycloneDX's
// JSON. The licences come from parts.
func billOfMaterials(file, name, version string, t target, parts []*part, at time.Time) ([]byte, error) {
	built, err := buildinfo.ReadFile(file)
	if err != nil {
		return nil, err
	}
	licenses := map[string][]string{}
	for _, p := range parts {
		licenses[p.path] = p.licenses
	}
	components := []cyclonedx.Component{component("std", built.GoVersion, "", licenses["std"])}
	components[0].PackageURL = "pkg:golang/std@" + strings.TrimPrefix(built.GoVersion, "go")
	for _, d := range built.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		if licenses[d.Path] == nil {
			return nil, fmt.Errorf("%s: it has %s in it, which no list of packages names", file, d.Path)
		}
		components = append(components, component(d.Path, d.Version, d.Sum, licenses[d.Path]))
	}
	bom := cyclonedx.NewBOM()
	program := cyclonedx.Component{BOMRef: name, Type: cyclonedx.ComponentTypeApplication, Name: name, Version: version,
		Licenses: spdx([]string{"Apache-2.0"})}
	bom.Metadata = &cyclonedx.Metadata{Timestamp: at.UTC().Format(time.RFC3339), Component: &program,
		Properties: &[]cyclonedx.Property{{Name: "quorumlab:system", Value: t.os + "/" + t.arch}}}
	bom.Components = &components
	var b bytes.Buffer
	err = cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).SetPretty(true).
		EncodeVersion(bom, cyclonedx.SpecVersion1_6)
	return b.Bytes(), err
}

// component is a module. sum is that of go.sum: the SHA-256 of the list of its files' sums.
func component(path, version, sum string, licenses []string) cyclonedx.Component {
	c := cyclonedx.Component{Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version,
		PackageURL: "pkg:golang/" + path + "@" + version, Licenses: spdx(licenses), Scope: cyclonedx.ScopeRequired}
	c.BOMRef = c.PackageURL
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "h1:")); err == nil && sum != "" {
		c.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(raw)}}
	}
	return c
}

func spdx(ids []string) *cyclonedx.Licenses {
	var list cyclonedx.Licenses
	for _, id := range ids {
		list = append(list, cyclonedx.LicenseChoice{License: &cyclonedx.License{ID: id}})
	}
	return &list
}
