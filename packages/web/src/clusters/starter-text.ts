/** What an empty `clusters.yaml` can begin as. */
export const starterText = `# The clusters and machines that the control room knows.
# It reaches them by its own ssh, as you would.
clusters:
  - name: dgx
    host: me@login.example.org   # what you write behind ssh
    # allowed_partitions: [gpu, long]
    # allowed_gpu_types: [A100_80GB]
    # gpu_aliases: { A100_80GB: [a100] }
  # - { name: here, host: local }   # Slurm on this machine

# Machines behind ssh without a scheduler:
# hosts:
#   - name: box
#     host: me@box.example.org
`
