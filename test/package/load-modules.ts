// A program of its own: loads each module that it is given before any other, as no module may depend on the order.

const [library = '', ...modules] = process.argv.slice(2);
const loadedFrom = (folder: string) => Object.keys(require.cache).filter(file => file.startsWith(folder));

for (const file of modules) {
    for (const loaded of loadedFrom(library)) delete require.cache[loaded];
    require(file);
}

const nodeRed = Object.keys(require.cache).find(file => /node_modules[\\/](@node-red|node-red)[\\/]/.test(file));
if (nodeRed) throw new Error(`The library loads a part of Node-RED: ${nodeRed}`);
