@echo off
rem Runs the quorumlab for this machine: quorumlab COMMAND
setlocal
set arch=amd64
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set arch=arm64
"%~dp0bin\windows_%arch%\quorumlab.exe" %*
