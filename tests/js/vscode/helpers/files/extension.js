/** Commands that change the file `watched.pluresdb` of the workspace through VS Code's file system. */

const vscode = require("vscode");

exports.activate = ({ subscriptions }) => {
  const file = (name) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name);
  subscriptions.push(
    vscode.commands.registerCommand("test.replace", async () => {
      const bytes = await vscode.workspace.fs.readFile(file("library.pluresdb"));
      await vscode.workspace.fs.writeFile(file("watched.pluresdb"), bytes);
    }),
    vscode.commands.registerCommand("test.delete", () => vscode.workspace.fs.delete(file("watched.pluresdb"))),
  );
};
