# shellcheck shell=sh
# Programs lie outside the PATH of a bare SSH session on most systems.
PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;
export PATH;
