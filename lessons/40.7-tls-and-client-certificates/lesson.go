// Package tlsandclientcertificates is the lesson on chapter 40.7: who gets into a cluster with
// TLS and how far, and how to replace certificates while it runs.
package tlsandclientcertificates

import (
	_ "embed"

	"quorumlab/lessons"
)

//go:embed text.md
var prose string

// Lesson is the lesson on chapter 40.7.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.7", Name: "tls-and-client-certificates", Title: "TLS and client certificates",
		About: "After this you know what each part of mutual TLS keeps out, what only roles do, and how " +
			"to replace certificates and " +
			"CAs while clients are connected.",
		Text:  prose,
		Steps: []lessons.LessonStep{clientsStep, rolesStep, rotationStep, expiryStep, speedStep},
		Tasks: []lessons.Task{
			{ID: "roles-file", Title: "Roles that give each client what it needs, and no more", File: "access.yaml",
				Start: rolesStart, Model: rolesModel, Judge: lessons.JudgeFunc(judgeRoles)},
			{ID: "new-authority", Title: "From one CA to another without rejecting a client", File: "rotation.txt",
				Start: rotationStart, Model: rotationModel, Judge: rotationJudge},
		},
		Further: []lessons.Source{
			{Title: "etcd: transport security model", Where: "https://etcd.io/docs/v3.7/op-guide/security/"},
			{Title: "etcd: role-based access control", Where: "https://etcd.io/docs/v3.7/op-guide/authentication/rbac/"},
			{Title: "RFC 8446: TLS 1.3; section 4.4.2 on certificates and 6.2 on alerts",
				Where: "https://www.rfc-editor.org/rfc/rfc8446"},
			{Title: "RFC 5280: certificates, extended key usage in section 4.2.1.12",
				Where: "https://www.rfc-editor.org/rfc/rfc5280"},
			{Title: "Go: crypto/tls", Where: "https://pkg.go.dev/crypto/tls"},
		},
	}
}
