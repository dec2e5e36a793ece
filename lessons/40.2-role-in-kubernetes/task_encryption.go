package roleinkubernetes

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"quorumlab/lessons"
	"quorumlab/scenarios"
)

type encryptionResult struct {
	Refused string
	Create  reason
	New     sight
	Known   reason
	Plain   reason
	Old     reason
	Reread  reason
}

// encryptionFile is an EncryptionConfiguration, as far as its places are needed for errors. What it says
// is read by kube-apiserver's own code.
type encryptionFile struct {
	APIVersion string                `yaml:"apiVersion"`
	Kind       string                `yaml:"kind"`
	Resources  []encryptionResources `yaml:"resources"`
}

type encryptionResources struct {
	Resources []string             `yaml:"resources"`
	Providers []encryptionProvider `yaml:"providers"`
}

type encryptionProvider struct {
	AESGCM    *encryptionKeys `yaml:"aesgcm,omitempty"`
	AESCBC    *encryptionKeys `yaml:"aescbc,omitempty"`
	Secretbox *encryptionKeys `yaml:"secretbox,omitempty"`
	Identity  *struct{}       `yaml:"identity,omitempty"`
}

type encryptionKeys struct {
	Keys []struct {
		Name   string `yaml:"name"`
		Secret string `yaml:"secret"`
	} `yaml:"keys"`
}

// judgeEncryption has a cluster with older Secrets go on with the answer.
func judgeEncryption(ctx context.Context, env *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	var file encryptionFile
	doc, err := scenarios.ReadDocument(name, "an EncryptionConfiguration", answer, nil, &file)
	if err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	var r encryptionResult
	if err := (experiment{name: "encryption", request: request{Encryption: string(answer)}}).run(ctx, env,
		&r); err != nil {
		return nil, err
	}
	if r.Refused != "" {
		doc.Refuse(refusedPlace(r.Refused), errors.New(r.Refused))
		return nil, &lessons.BadAnswer{Err: doc.Err()}
	}
	return r.marks(), nil
}

// placeInError is how kube-apiserver names a place in the file.
var placeInError = regexp.MustCompile(`resources\[\d+\][^:\s]*`)

func refusedPlace(err string) string { return placeInError.FindString(err) }

func (r encryptionResult) marks() []lessons.Mark {
	written := r.Create.Code == 200
	hidden := written && !r.New.Plain && !r.New.Database && !r.New.WAL
	where := fmt.Sprintf("its value begins with %s; its plaintext is in the database: %s, in the write-ahead log: %s",
		strings.TrimSuffix(r.New.Value, ":"), lessons.YesNo(r.New.Database), lessons.YesNo(r.New.WAL))
	if !written {
		where = "the response to writing a new Secret was " + r.Create.String()
	}
	kept := func(read reason, what, hint string) lessons.Mark {
		if !hidden {
			return lessons.Marked(false, 2, what, "not judged: a file that changes nothing reads everything",
				"first have new Secrets encrypted")
		}
		return lessons.Marked(read.Code == 200, 2, what, "a read of it gets "+read.String(), hint)
	}
	return []lessons.Mark{
		lessons.Marked(hidden, 3, "a new Secret's plaintext is nowhere on the disk", where,
			"the first provider is used for writing; identity writes plaintext"),
		lessons.Marked(hidden && r.Known.Code != 200, 3, "the leaked key does not decrypt it",
			fmt.Sprintf("somebody who has it, and gives it whatever name and provider the value names, gets %s", r.Known),
			"a provider writes with its first key: put a new one, with a secret of its own, before key1"),
		kept(r.Old, "what was written with key1 can still be read", "a key is needed until everything has been rewritten "+
			"with another"),
		kept(r.Plain, "what was written before encryption can still be read", "identity reads what is not encrypted; it "+
			"may come last"),
	}
}
